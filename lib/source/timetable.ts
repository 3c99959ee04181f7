const SLOT_MS = 500;

/** What is due when: takes out what is, without asking the rest. Up to half a second early. */
export class Timetable<Item> {
  readonly #slots = new Map<number, Item[]>();
  /** Where each is due; what lies in another slot is left over from before it was brought forward. */
  readonly #slotOf = new Map<Item, number>();

  /** An item that is due sooner already stays so. */
  add(item: Item, dueMs: number): void {
    const slot = Math.floor(dueMs / SLOT_MS);
    if (slot >= (this.#slotOf.get(item) ?? Infinity)) return;
    this.#slotOf.set(item, slot);
    const items = this.#slots.get(slot);
    if (items === undefined) this.#slots.set(slot, [item]);
    else items.push(item);
  }

  remove(item: Item): void {
    this.#slotOf.delete(item);
  }

  take(nowMs: number): readonly Item[] {
    const due: Item[] = [];
    for (const [slot, items] of this.#slots) {
      if (slot * SLOT_MS > nowMs) continue;
      this.#slots.delete(slot);
      for (const item of items) {
        if (this.#slotOf.get(item) !== slot) continue;
        this.#slotOf.delete(item);
        due.push(item);
      }
    }
    return due;
  }
}
