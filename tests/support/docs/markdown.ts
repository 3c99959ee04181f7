/** A block of code in a document. */
export interface Block {
  /** What follows the fence; an indented block is a shell's. */
  readonly language: string;
  readonly text: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  /** The HTML comment right before it. */
  readonly comment: string | null;
  /** The text block right after it: what the block prints. */
  readonly prints: string | null;
}

export interface Markdown {
  readonly blocks: readonly Block[];
  /** The text with code blocks and comments blanked, line for line. */
  readonly prose: string;
  /** What `#…` in a link can name. */
  readonly anchors: ReadonlySet<string>;
  /** Targets of links and images, as written. */
  readonly links: readonly string[];
  /** The text of every `code span`. */
  readonly spans: readonly string[];
}

const FENCE = /^( *)```(\w*)$/;
const INDENTED = /^ {4}/;
const COMMENT = /^<!-- (.*) -->$/;

/** Reads the Markdown that this project's documents use. */
export function parseMarkdown(text: string): Markdown {
  const lines = text.split("\n");
  const found: Omit<Block, "prints">[] = [];
  const ends: number[] = [];
  const prose = [...lines];
  for (let at = 0; at < lines.length; at++) {
    const fence = FENCE.exec(lines[at] ?? "");
    const isIndented = fence === null && INDENTED.test(lines[at] ?? "") && isBlank(lines[at - 1]);
    if (fence === null && !isIndented) continue;
    const start = fence === null ? at : at + 1;
    let end = start;
    while (end < lines.length && (fence === null ? !endsIndented(lines, end) : !FENCE.test(lines[end] ?? ""))) end++;
    const code = lines.slice(start, end).map((line) =>
      fence === null ? line.replace(INDENTED, "") : dedent(line, fence[1] ?? "")
    );
    found.push({
      language: fence === null ? "sh" : fence[2] ?? "",
      text: `${code.join("\n").trimEnd()}\n`,
      line: start + 1,
      comment: commentBefore(lines, at),
    });
    const last = fence === null ? end - 1 : end;
    ends.push(last);
    prose.fill("", at, last + 1);
    at = last;
  }
  const blocks = found.map((block, index): Block => ({ ...block, prints: printed(found, ends, index, lines) }));
  const plain = prose.join("\n").replace(/<!--.*?-->/g, "");
  return {
    blocks,
    prose: plain,
    anchors: anchorsOf(plain),
    links: [...plain.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)].map((match) =>
      match[1] ?? match[2] ?? ""
    ),
    spans: [...plain.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span),
  };
}

/** A block in a list is as far in as the list's text. */
function dedent(line: string, indentation: string): string {
  return line.startsWith(indentation) ? line.slice(indentation.length) : line;
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === "";
}

/** Blank lines belong to the block when it goes on after them. */
function endsIndented(lines: readonly string[], at: number): boolean {
  let next = at;
  while (next < lines.length && isBlank(lines[next])) next++;
  return !INDENTED.test(lines[next] ?? "");
}

function commentBefore(lines: readonly string[], at: number): string | null {
  let before = at - 1;
  while (before > 0 && isBlank(lines[before])) before--;
  return COMMENT.exec(lines[before] ?? "")?.[1] ?? null;
}

function printed(
  found: readonly Omit<Block, "prints">[],
  ends: readonly number[],
  index: number,
  lines: readonly string[],
): string | null {
  const next = found[index + 1];
  if (next?.language !== "text") return null;
  // `line` is the first line of code, so the fence is two before it in numbers from 0.
  return lines.slice((ends[index] ?? 0) + 1, next.line - 2).every(isBlank) ? next.text : null;
}

/** As GitHub makes them of headings. */
function anchorsOf(prose: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of prose.matchAll(/^#{1,6} (.*)$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
    const slug = plain.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
    let anchor = slug;
    for (let number = 1; anchors.has(anchor); number++) anchor = `${slug}-${number}`;
    anchors.add(anchor);
  }
  return anchors;
}
