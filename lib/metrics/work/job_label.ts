/** How a job_id label is made from a job id. Options `cardinality.job_label` and `cardinality.job_label_length`. */
export type JobLabelMode = "auto" | "prefix" | "suffix" | "hash" | "full";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Prodigy's ids begin with what they are (`mapreduce-20261124_000454`): the first 8 characters would all be equal. */
const KNOWN_PREFIX = /^(?:mapreduce|job|session|workflow)-/;
/** Prodigy 0.4.4 makes job ids from the second they start in (mapreduce/mod.rs:250). */
const TIMESTAMP = /^\d{8}_\d{6}/;
const TIMESTAMP_LENGTH = 15;
/** Leaves room for a suffix in the longest label value there may be. */
const LONGEST_BASE = 100;

/**
 * The label for a job, of bounded length except in mode `full`.
 *
 * `auto`: known prefixes are stripped; a UUID gives its first `length` characters; a timestamp id keeps all 15,
 * because its first 8 are only the day; anything else gives its first `length` characters.
 */
export function jobLabel(jobId: string, mode: JobLabelMode, length: number): string {
  switch (mode) {
    case "full":
      return jobId;
    case "hash":
      return hashHex(jobId).slice(0, length);
    case "prefix":
      return stripPrefix(jobId).slice(0, length);
    case "suffix":
      return stripPrefix(jobId).slice(-length);
    case "auto": {
      const bare = stripPrefix(jobId);
      if (UUID.test(bare)) return bare.slice(0, length);
      return TIMESTAMP.test(bare) ? bare.slice(0, TIMESTAMP_LENGTH) : bare.slice(0, length);
    }
  }
}

/**
 * A label no live job has: two live jobs that would share one get a suffix from a hash of the whole key, so the same
 * job gets the same suffix after a restart.
 */
export function freeJobLabel(label: string, key: string, isTaken: (label: string) => boolean): string {
  if (!isTaken(label)) return label;
  const hash = hashHex(key);
  const base = label.slice(0, LONGEST_BASE);
  for (let length = 4; length <= hash.length; length += 4) {
    const candidate = `${base}-${hash.slice(0, length)}`;
    if (!isTaken(candidate)) return candidate;
  }
  return `${base}-${key}`;
}

function stripPrefix(jobId: string): string {
  const bare = jobId.replace(KNOWN_PREFIX, "");
  return bare === "" ? jobId : bare;
}

/** 64 bits of FNV-1a in hex: stable across versions and machines, no security meaning. */
function hashHex(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}
