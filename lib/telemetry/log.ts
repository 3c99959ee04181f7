import { escapeControls } from "./escape_controls.ts";

/** From most to least important. */
export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFormat = "auto" | "text" | "json";
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/**
 * `warn` is for data lost or degraded service, `info` for the life cycle; nothing that happens per event is above
 * `debug`. The notice is a constant: what varies belongs in the fields, and never event payloads or secrets.
 */
export type Log = { readonly [L in LogLevel]: (notice: string, fields?: LogFields) => void };

export interface LogOptions {
  /** The least important level that is written, asked for every line. */
  readonly level: () => LogLevel;
  /** `auto` is text on a terminal and JSON elsewhere. */
  readonly format: LogFormat;
  readonly isTerminal: boolean;
  /** Takes one line without its newline. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
}

interface Entry {
  readonly level: LogLevel;
  readonly notice: string;
  readonly fields: LogFields;
}

interface Window {
  readonly entry: Entry;
  readonly endsMs: number;
  suppressed: number;
}

/** For so long after a line its repeats are counted instead of written. */
const REPEAT_WINDOW_MS = 60_000;
/** Different lines remembered at one time; fields come from outside, so there must be a bound. */
const WINDOWS_MAX = 1000;
/** A longer field value is cut. */
const FIELD_MAX_CHARACTERS = 1000;

/**
 * A log that writes a line once a minute however often it is repeated. The repeats are told, as `repeated`, by a line
 * of their own when something is logged after the minute has passed.
 */
export function createLog(options: LogOptions): Log {
  const isText = options.format === "text" || (options.format === "auto" && options.isTerminal);
  const format = isText ? formatText : formatJson;
  const windows = new Map<string, Window>();

  function close(key: string, { entry, suppressed }: Window, time: Date): void {
    windows.delete(key);
    if (suppressed > 0) {
      options.write(format(time, { ...entry, fields: { ...entry.fields, repeated: suppressed } }));
    }
  }

  function add(entry: Entry): void {
    const time = options.now();
    // Insertion order is the order in which windows end.
    for (const [key, window] of windows) {
      if (window.endsMs > time.getTime() && windows.size < WINDOWS_MAX) break;
      close(key, window, time);
    }
    const key = JSON.stringify([entry.level, entry.notice, entry.fields]);
    const known = windows.get(key);
    if (known !== undefined) {
      known.suppressed++;
      return;
    }
    windows.set(key, { entry, endsMs: time.getTime() + REPEAT_WINDOW_MS, suppressed: 0 });
    options.write(format(time, entry));
  }

  function at(level: LogLevel): (notice: string, fields?: LogFields) => void {
    const rank = LOG_LEVELS.indexOf(level);
    return (notice, fields = {}) => {
      if (rank <= LOG_LEVELS.indexOf(options.level())) add({ level, notice, fields: cut(fields) });
    };
  }

  return { error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}

function cut(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === "string" && value.length > FIELD_MAX_CHARACTERS
        ? `${value.slice(0, FIELD_MAX_CHARACTERS).toWellFormed()}…`
        : value,
    ]),
  );
}

function formatJson(time: Date, { level, notice, fields }: Entry): string {
  const head = { time: time.toISOString(), level, notice };
  // Twice: first for the order, last so that no field can take its place.
  return escapeControls(JSON.stringify({ ...head, ...fields, ...head }));
}

function formatText(time: Date, { level, notice, fields }: Entry): string {
  const parts = Object.entries(fields).map(([name, value]) => `${name}=${plain(value)}`);
  return escapeControls([time.toISOString(), level.toUpperCase().padEnd(5), notice, ...parts].join(" "));
}

function plain(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  return /^[\p{L}\p{N}_.:/@+~-]+$/u.test(value) ? value : JSON.stringify(value);
}
