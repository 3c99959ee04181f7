/** Marks where a text was cut. */
const CUT_MARK = "…";

/**
 * Makes a text one that PostgreSQL can hold: its `text` has no NUL and its UTF-8 no half of a surrogate pair.
 *
 * @param maxLength in UTF-16 units; a longer text is cut and ends with "…"
 */
export function storedText(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? text.slice(0, maxLength - CUT_MARK.length) + CUT_MARK : text;
  const clean = cut.includes("\0") ? cut.replaceAll("\0", "") : cut;
  return clean.isWellFormed() ? clean : clean.toWellFormed();
}

/** As `storedText`; `null` stays `null`. */
export function storedTextOrNull(text: string | null, maxLength: number): string | null {
  return text === null ? null : storedText(text, maxLength);
}
