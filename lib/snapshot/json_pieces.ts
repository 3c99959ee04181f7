/** Elements of an array that are encoded at one time. */
const GROUP = 200;

/** The JSON text of a value made of plain objects and arrays, in pieces that each take little time to make. */
export function* jsonPieces(value: unknown): Generator<string> {
  if (Array.isArray(value)) yield* arrayPieces(value);
  else if (typeof value === "object" && value !== null) yield* objectPieces(value);
  else yield JSON.stringify(value) ?? "null";
}

function* arrayPieces(array: readonly unknown[]): Generator<string> {
  if (array.length === 0) yield "[]";
  for (let start = 0; start < array.length; start += GROUP) {
    // Without its brackets, but for those of the whole array.
    const group = JSON.stringify(array.slice(start, start + GROUP)).slice(1, -1);
    yield `${start === 0 ? "[" : ","}${group}${start + GROUP >= array.length ? "]" : ""}`;
  }
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
