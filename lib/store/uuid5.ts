import { createHash } from "node:crypto";

/** The namespace of every UUID made here; a random UUID (RFC 9562, version 4), and never to change. */
const NAMESPACE_TEXT = "6f1c0f43-5b0e-4c53-9d2b-8a4f0f3a7e51";
const NAMESPACE = Uint8Array.from(
  NAMESPACE_TEXT.replaceAll("-", "").match(/../g) ?? [],
  (pair) => Number.parseInt(pair, 16),
);

const VARIANTS = "89ab";

/** The UUID, version 5, of a name in the exporter's namespace. */
export function uuid5(name: string): string {
  const hex = createHash("sha1").update(NAMESPACE).update(name).digest("hex");
  const variant = VARIANTS.charAt(Number.parseInt(hex.charAt(16), 16) & 3);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${
    hex.slice(20, 32)
  }`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether PostgreSQL can hold it as it is. */
export function isUuid(text: string): boolean {
  return text.length === 36 && UUID.test(text);
}
