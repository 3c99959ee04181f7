/** What a value becomes that is not in its closed set, or past the budget of an open one. */
export const OTHER = "other";
/** Shown for a name that is known to be empty. */
export const UNNAMED = "unnamed";
/** Shown where a value exists but no source tells it. */
export const UNKNOWN = "unknown";

/** Longer values are cut: a label is a name, not a text. */
const MAX_LENGTH = 120;
const BLANK = 0x20;
const LAST_PRINTABLE = 0x7e;
// deno-lint-ignore no-control-regex -- control characters are what this looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** All metrics that one event feeds ask about the same names. */
let lastClean = UNNAMED;

/**
 * Makes any string fit for a label value: well-formed UTF-16, no control characters, bounded length, not empty.
 * Quotes, backslashes and commas stay: the exposition escapes what must be escaped.
 */
export function cleanLabelValue(value: string): string {
  if (value === lastClean) return value;
  if (isClean(value)) return lastClean = value;
  let clean = value.toWellFormed().replace(CONTROL, " ").trim();
  if (clean.length > MAX_LENGTH) clean = clean.slice(0, MAX_LENGTH - 1).toWellFormed().replace(/\ufffd$/, "") + "…";
  return clean === "" ? UNNAMED : clean;
}

/** What nearly all values are, found out several times as fast: printable ASCII that neither begins nor ends blank. */
function isClean(value: string): boolean {
  const { length } = value;
  if (length === 0 || length > MAX_LENGTH || value.charCodeAt(0) === BLANK || value.charCodeAt(length - 1) === BLANK) {
    return false;
  }
  for (let at = 0; at < length; at++) {
    const code = value.charCodeAt(at);
    if (code < BLANK || code > LAST_PRINTABLE) return false;
  }
  return true;
}

/** `mcp__server__tool` names multiply with every server a user adds: folded to `mcp__server`. */
export function foldMcpTool(toolName: string): string {
  if (!toolName.startsWith("mcp__")) return toolName;
  const end = toolName.indexOf("__", 5);
  return end === -1 ? toolName : toolName.slice(0, end);
}
