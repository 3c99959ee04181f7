import { WIRE_FIELD_NAMES, type WireFields } from "./wire.ts";

/**
 * The fields of one line after another, in one object: a new one for each line, or one whose fields come and go, costs
 * as much as scanning half the line. Values are kept by their index in `WIRE_FIELD_NAMES` and read by name.
 */
export class ScannedFields {
  readonly #values: unknown[] = WIRE_FIELD_NAMES.map(() => undefined);
  readonly #kept = new Int32Array(WIRE_FIELD_NAMES.length);
  #count = 0;
  /** Itself, as the decoders see it. Good until `clear`. */
  readonly asWire: WireFields = new WireView(this.#values) as WireFields;

  /** @returns whether it is the first value of this field in the line. */
  keep(index: number, value: unknown): boolean {
    if (this.#values[index] !== undefined) return false;
    this.#kept[this.#count++] = index;
    this.#values[index] = value;
    return true;
  }

  clear(): void {
    for (let at = 0; at < this.#count; at++) this.#values[this.#kept[at] ?? 0] = undefined;
    this.#count = 0;
  }
}

/** All of one shape, however many there are: reading a field of objects of many shapes is several times as slow. */
class WireView {
  constructor(readonly values: readonly unknown[]) {}
}
for (const [index, name] of WIRE_FIELD_NAMES.entries()) {
  Object.defineProperty(WireView.prototype, name, {
    get(this: WireView): unknown {
      return this.values[index];
    },
  });
}
