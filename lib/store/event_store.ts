import type { StoredEvent } from "./stored_event.ts";
import type { Written } from "./write_events.ts";

/** Where the recorder's events go. */
export interface EventStore {
  /**
   * Writes all of the events or none.
   *
   * @throws {StoreFault}
   */
  write(events: readonly StoredEvent[]): Promise<Written>;
  close(): Promise<void>;
}
