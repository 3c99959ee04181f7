import type { EventRecord } from "./record.ts";
import type { WireEvent } from "./event.ts";
import type { WireFields } from "./wire.ts";

/** A line in the form Prodigy writes, taken apart. */
export interface ScannedLine {
  readonly id: string;
  /** RFC 3339, a time that there is. */
  readonly timestamp: string;
  readonly correlationId: string;
  readonly eventType: string;
  readonly fields: WireFields;
}

/** Of a scanned line. Its id and its time are texts that few ask for, so they are made when somebody does. */
export class ScannedRecord implements EventRecord {
  readonly correlationId: string;
  readonly runId: string | null;
  readonly repository: string | null;
  readonly origin = "line";
  readonly event: WireEvent;
  readonly durationClamped: boolean;
  readonly #line: ScannedLine;

  constructor(
    line: ScannedLine,
    runId: string | null,
    repository: string | null,
    event: WireEvent,
    durationClamped: boolean,
  ) {
    this.#line = line;
    this.correlationId = line.correlationId;
    this.runId = runId;
    this.repository = repository;
    this.event = event;
    this.durationClamped = durationClamped;
  }

  get id(): string {
    return this.#line.id;
  }
  get timestamp(): string {
    return this.#line.timestamp;
  }
}
