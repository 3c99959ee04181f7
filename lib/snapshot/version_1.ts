import { isRecord } from "./is_record.ts";

/** State of metrics as version 1 had it, with a pair `[id, true]` for each Claude session; version 2 has the ids. */
export function withNamesOfSessions(metrics: unknown): unknown {
  const names = (pairs: unknown): unknown =>
    Array.isArray(pairs) ? pairs.map((pair) => Array.isArray(pair) ? pair[0] : pair) : pairs;
  const inSessions = (sessions: unknown): unknown =>
    ["byLines", "byState"].reduce((all, name) => within(all, name, (facts) => mapValues(facts, names)), sessions);
  return within(metrics, "work", (work) => within(work, "claudeSessions", inSessions));
}

/** The object with one of its values changed; anything else as it is. */
function within(value: unknown, name: string, change: (inner: unknown) => unknown): unknown {
  return isRecord(value) && name in value ? { ...value, [name]: change(value[name]) } : value;
}

function mapValues(value: unknown, change: (inner: unknown) => unknown): unknown {
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner)]))
    : value;
}
