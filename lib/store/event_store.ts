import type { StoredEvent } from "./stored_event.ts";
import type { PreparedEvents, Written } from "./write_events.ts";

/** Where the recorder's events go. */
export interface EventStore {
  /** Does what can be done before it is their turn to be written. */
  prepare(events: readonly StoredEvent[]): PreparedEvents;
  /**
   * Writes all of the events or none.
   *
   * @throws {StoreFault}
   */
  write(prepared: PreparedEvents): Promise<Written>;
  close(): Promise<void>;
}
