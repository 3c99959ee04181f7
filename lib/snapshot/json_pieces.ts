/** Elements of an array that are encoded at one time. */
const GROUP = 200;

/** The JSON text of a value made of plain objects and arrays, in pieces that each take little time to make. */
export function* jsonPieces(value: unknown): Generator<string> {
  if (Array.isArray(value)) yield* arrayPieces(value);
  else if (typeof value === "object" && value !== null) yield* objectPieces(value);
  else yield JSON.stringify(value) ?? "null";
}

function* arrayPieces(array: readonly unknown[]): Generator<string> {
  let open = "[";
  let start = 0;
  while (start < array.length) {
    let end = start;
    while (end < array.length && end < start + GROUP && !isLarge(array[end])) end++;
    if (end > start) {
      // Without its brackets, but for those of the whole array.
      yield open + JSON.stringify(array.slice(start, end)).slice(1, -1);
    } else {
      yield open;
      yield* jsonPieces(array[end++]);
    }
    open = ",";
    start = end;
  }
  yield open === "[" ? "[]" : "]";
}

/** One that would take as long as a group, as a job with thousands of agents does. */
function isLarge(element: unknown): boolean {
  if (typeof element !== "object" || element === null || Array.isArray(element)) return false;
  return Object.values(element).some((value) => Array.isArray(value) && value.length > GROUP);
}

function* objectPieces(object: object): Generator<string> {
  let open = "{";
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    yield `${open}${JSON.stringify(key)}:`;
    yield* jsonPieces(value);
    open = ",";
  }
  yield open === "{" ? "{}" : "}";
}
