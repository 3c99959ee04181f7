import { Buffer } from "node:buffer";
import type { IdHash } from "./id_hash.ts";

/**
 * A text in the line at hand. Of texts that are others in nearly every line, making each would cost a tenth of what
 * reading its line does; so it is made when somebody asks.
 */
export class LineText {
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;
  #end = 0;

  /** @param view of `bytes`, which are ASCII there and go on for three bytes at least */
  set(bytes: Buffer, view: DataView, start: number, end: number): void {
    this.#bytes = bytes;
    this.#view = view;
    this.#start = start;
    this.#end = end;
  }

  /** @returns `into` */
  hash(into: IdHash): IdHash {
    return into.ofBytes(this.#view, this.#start, this.#end);
  }

  toString(): string {
    return this.#bytes.toString("latin1", this.#start, this.#end);
  }
}
