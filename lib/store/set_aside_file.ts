import type { FaultReport } from "./fault.ts";
import type { StoredEvent } from "./stored_event.ts";

/** Enough to see what goes wrong; a file that grew on would fill the disk of whoever does not look. */
const MAX_BYTES = 2 ** 20;

/**
 * Keeps which events the database refused: a line of JSON each, with the event's id to find it in its source by, and
 * nothing of its content. Ends at 1 MiB.
 */
export class SetAsideFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws {Error} when the file cannot be written */
  add({ id, record, atMicros }: StoredEvent, fault: FaultReport, nowMs: number): void {
    using file = Deno.openSync(this.#path, { append: true, create: true, mode: 0o600 });
    if (file.statSync().size >= MAX_BYTES) return;
    const entry = {
      setAsideAt: new Date(nowMs).toISOString(),
      id: record.id ?? id,
      type: record.event.type,
      runId: record.runId,
      timestamp: record.timestamp,
      atMicros,
      reason: fault.message,
    };
    file.writeSync(new TextEncoder().encode(`${JSON.stringify(entry)}\n`));
  }
}
