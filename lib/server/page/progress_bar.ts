import { formatCount } from "./format.ts";
import { type Html, html } from "./html.ts";

export interface Part {
  readonly kind: "done" | "failed" | "dlq";
  readonly count: number;
}

/**
 * A bar of parts of a whole, as SVG, because widths in style attributes would need a laxer content security policy.
 * @param total `null` or less than its parts when it is not known: then the parts fill the bar.
 */
export function progressBar(parts: readonly Part[], total: number | null): Html {
  const counted = parts.reduce((sum, { count }) => sum + count, 0);
  const whole = Math.max(total ?? 0, counted, 1);
  let begin = 0;
  const rects = parts.map(({ kind, count }) => {
    const rect = html`
      <rect class="${kind}" x="${percent(begin, whole)}" width="${percent(count, whole)}" height="100%" />
    `;
    begin += count;
    return rect;
  });
  return html`<svg class="bar" role="img" aria-label="${describe(parts, total)}">${rects}</svg>`;
}

function describe(parts: readonly Part[], total: number | null): string {
  const told = parts.filter(({ kind, count }) => kind === "done" || count > 0)
    .map(({ kind, count }) => `${formatCount(count)} ${NAMES[kind]}`);
  return `${told.join(", ")}${total === null ? "" : `, of ${formatCount(total)}`}`;
}

const NAMES: Readonly<Record<Part["kind"], string>> = {
  done: "done",
  failed: "failed",
  dlq: "in the dead-letter queue",
};

function percent(count: number, whole: number): string {
  return `${(100 * count / whole).toFixed(2)}%`;
}
