/** Longer names are compared by their beginning: they come from files and the cost is a product of lengths. */
const COMPARED_CHARACTERS = 64;

/** The candidate most like `name`. One with the same last part (`a.port`, `b.c.port`) is most likely just elsewhere. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const edits = editDistance(name, candidate);
    const distance = lastPart(candidate) === lastPart(name) ? Math.min(edits, 1 + edits / 1000) : edits;
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Levenshtein's: how many characters to insert, delete or replace. */
export function editDistance(a: string, b: string): number {
  const [left, right] = [a.slice(0, COMPARED_CHARACTERS), b.slice(0, COMPARED_CHARACTERS)];
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
