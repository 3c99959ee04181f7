import type { Config } from "./config/options.ts";
import type { AnsweringCell } from "./runtime/answering.ts";
import type { Answered } from "./runtime/event_loop.ts";
import { type Recorder, startRecorder } from "./store/recorder.ts";
import { SetAsideFile } from "./store/set_aside_file.ts";
import { WorkerWriter } from "./store/worker_writer.ts";
import type { StoreNotices } from "./telemetry/store_notices.ts";

export interface RecordingDeps {
  readonly notices: StoreNotices;
  /** Where refused events are noted; `null`: nowhere. */
  readonly setAsidePath: string | null;
  readonly hostname: () => string;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** A thread of its own that runs `serveStore`. */
  readonly startStoreWorker: () => Worker;
  /** Recording waits for those who ask something of the program. */
  readonly answered: Answered;
  /** The same for the thread that writes. */
  readonly answering: AnsweringCell;
}

/** The recorder with its database; `null` when the event store is off. */
export function createRecorder(
  config: Config,
  { notices, setAsidePath, hostname, now, startStoreWorker, answered, answering }: RecordingDeps,
): Recorder | null {
  const url = config["metrics.postgres.connection_string"];
  if (!config["metrics.postgres.enabled"] || url === null) return null;
  const instance = config["metrics.postgres.instance"] ?? hostname();
  const options = {
    url,
    passwordFile: config["metrics.postgres.password_file"],
    caFile: config["metrics.postgres.ca_file"],
    retentionSeconds: config["metrics.postgres.retention"],
    keepPayload: config["metrics.postgres.keep_payload"],
    instance,
    answering,
  };
  const setAside = setAsidePath === null ? null : new SetAsideFile(setAsidePath);
  return startRecorder({
    batchSize: config["metrics.postgres.batch_size"],
    flushIntervalMs: config["metrics.postgres.flush_interval_ms"],
    instance,
  }, {
    openWriter: (events) =>
      new WorkerWriter(startStoreWorker(), options, {
        ...events,
        onMigrated: ({ from, to }) => notices.migrated(from, to),
        onPartitionsDropped: (partitions) => notices.partitionsDropped(partitions),
        onProblem: (problem) => notices.problem(problem),
      }),
    now,
    answered,
    events: {
      onWritten: (rows, seconds) => notices.written(rows, seconds),
      onFault: (fault, isNew) => notices.fault(fault.message, isNew),
      onRecovered: () => notices.recovered(),
      onDropped: () => notices.dropped(),
      onDropWarning: (count) => notices.dropWarning(count),
      onTextLost: () => notices.textLost(),
      onLeft: (count) => notices.left(count),
      onDefect: (error) => notices.defect(error),
      onSetAside: (event, fault) => {
        notices.setAside(event.record.event.type, fault.message);
        try {
          setAside?.add(event, fault, now());
        } catch (error) {
          notices.setAsideNotKept(error instanceof Error ? error.message : String(error));
        }
      },
    },
  });
}
