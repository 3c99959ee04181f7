/**
 * Some 31 years. No run takes that long; such a figure is a mistake of the producer (milliseconds, a Unix time), and
 * one of them would spoil a histogram's sum for good.
 */
const MAX_SECONDS = 1e9;

/**
 * Reads a duration in any form that occurs: `[secs, nanos]` (Rust's `chrono::Duration`, so Prodigy's event lines),
 * `{"secs": …, "nanos": …}` (`std::time::Duration`, so its sessions and checkpoints) or a number of seconds.
 * May be negative: chrono writes -1.5 s as `[-2, 500000000]`.
 *
 * @returns `null` for anything else and for what cannot be a duration.
 */
export function parseDurationSeconds(value: unknown): number | null {
  if (typeof value === "number") return Math.abs(value) <= MAX_SECONDS ? value : null;
  if (typeof value !== "object" || value === null) return null;
  if (Array.isArray(value)) return value.length === 2 ? fromParts(value[0], value[1]) : null;
  return fromParts("secs" in value ? value.secs : undefined, "nanos" in value ? value.nanos : 0);
}

function fromParts(secs: unknown, nanos: unknown): number | null {
  if (typeof secs !== "number" || !Number.isInteger(secs) || Math.abs(secs) > MAX_SECONDS) return null;
  if (typeof nanos !== "number" || !Number.isInteger(nanos) || nanos < 0 || nanos >= 1e9) return null;
  return secs + nanos / 1e9;
}
