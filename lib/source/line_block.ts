import { Buffer } from "node:buffer";
import type { LineBlock } from "./source.ts";

export function lineBlock(bytes: Uint8Array): LineBlock {
  return { bytes, characters: charactersOf(bytes) };
}

/** The bytes as characters of Latin-1. */
export function charactersOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** The reverse of `charactersOf`. */
export function bytesOf(characters: string): Uint8Array {
  return Buffer.from(characters, "latin1");
}

/** The lines as text; what is no UTF-8 becomes U+FFFD. Made of the characters, so also when the bytes are gone. */
export function textOf({ characters }: LineBlock): string {
  // ignoreBOM: the mark was dropped where it is one.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(characters));
}
