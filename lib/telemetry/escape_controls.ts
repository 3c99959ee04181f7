/**
 * Control characters, line and paragraph separators, and the marks that change the direction of text: with them a
 * value could fake a line of the log, drive a terminal, or show something else than it is.
 */
// deno-lint-ignore no-control-regex -- control characters are what this is about
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with each such character as `\uXXXX`, which keeps JSON valid. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
