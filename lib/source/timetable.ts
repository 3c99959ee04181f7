const SLOT_MS = 500;

/** What is due when: takes out what is, without asking the rest. Up to half a second early. */
export class Timetable<Item> {
  readonly #slots = new Map<number, Item[]>();

  add(item: Item, dueMs: number): void {
    const slot = Math.floor(dueMs / SLOT_MS);
    const items = this.#slots.get(slot);
    if (items === undefined) this.#slots.set(slot, [item]);
    else items.push(item);
  }

  take(nowMs: number): readonly Item[] {
    const due: Item[] = [];
    for (const [slot, items] of this.#slots) {
      if (slot * SLOT_MS > nowMs) continue;
      for (const item of items) due.push(item);
      this.#slots.delete(slot);
    }
    return due;
  }
}
