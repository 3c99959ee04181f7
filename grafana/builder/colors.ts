import type { Override } from "./panel.ts";

/** Each outcome has one colour on all boards. */
const COLORS: Readonly<Record<string, string>> = {
  success: "green",
  passed: "green",
  failed: "red",
  error: "red",
  cancelled: "orange",
  skipped: "#808080",
  dlq: "purple",
  input: "blue",
  output: "orange",
  cache: "#808080",
  "cache reads": "light-green",
  "cache writes": "yellow",
};

/** Overrides that give these names their colours. */
export function fixedColors(...names: readonly string[]): readonly Override[] {
  return names.map((field) => {
    const fixedColor = COLORS[field];
    if (fixedColor === undefined) throw new TypeError(`Cannot colour ${field} as it has no colour`);
    return { field, properties: { color: { mode: "fixed", fixedColor } } };
  });
}
