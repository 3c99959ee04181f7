/**
 * Puts `items` at the end of `list`. Spreading them into the arguments of `push` overflows the stack past some 60,000,
 * and how many there are is up to the files.
 */
export function append<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}
