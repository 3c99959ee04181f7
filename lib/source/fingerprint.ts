/** How many bytes of a file's head, and how many before the place read to, are remembered. */
export const FINGERPRINT_BYTES = 256;

/**
 * What some bytes of a file looked like: how many there were and their hash. Kept instead of the bytes, because it goes
 * into the snapshot, and file content must not leave the file.
 */
export interface Fingerprint {
  readonly lengthBytes: number;
  readonly hash: number;
}

export const EMPTY_FINGERPRINT: Fingerprint = { lengthBytes: 0, hash: 0 };

/**
 * 53-bit hash (cyrb53, public domain): fits a JSON number. It tells accidents apart, it does not resist an attacker;
 * somebody who may write the event files can lie in the events themselves.
 */
export function fingerprintOf(bytes: Uint8Array): Fingerprint {
  if (bytes.length === 0) return EMPTY_FINGERPRINT;
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  // By place: twice before every block, and an iterator takes several times as long.
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    low = Math.imul(low ^ byte, 2654435761);
    high = Math.imul(high ^ byte, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return { lengthBytes: bytes.length, hash: 4294967296 * (2097151 & high) + (low >>> 0) };
}

export function sameFingerprint(a: Fingerprint, b: Fingerprint): boolean {
  return a.lengthBytes === b.lengthBytes && a.hash === b.hash;
}
