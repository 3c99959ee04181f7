const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup. Only `html` makes it, so whatever is in it was escaped. */
export class Html {
  readonly #markup: string;

  /** @param markup Escaped already. */
  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

export type HtmlValue = string | number | Html | readonly Html[] | null;

/** Markup with its values escaped, fit for element content and attribute values in quotes; `null` is nothing. */
export function html(literals: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(literals.reduce((markup, literal, index) => markup + markupOf(values[index - 1] ?? null) + literal));
}

function markupOf(value: HtmlValue): string {
  if (value === null) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "object") return value.join("");
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
