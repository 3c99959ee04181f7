/** Both count from 1, as editors do; columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Finds where each key of a valid TOML text is written: `locate(["metrics", "port"])`. The TOML parser knows no
 * positions of what it accepted. What this scanner is not sure of (inside arrays, keys with rare escapes) it leaves out.
 */
export function locateKeys(text: string): (path: readonly string[]) => Position | null {
  const offsets = scanKeys(text);
  return (path) => {
    const offset = offsets.get(JSON.stringify(path));
    if (offset === undefined) return null;
    const before = text.slice(0, offset);
    return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
  };
}

const BLANK = /(?:\s|#[^\n]*)*/y;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
const SCALAR = /[^,\]}#\r\n]+/y;
/** In this order, as three quotes also begin like one. The bodies end at the first quote that can end them. */
const STRINGS = [/"""(?:[^\\]|\\[^])*?"""(?:"{0,2})/y, /'''[^]*?'''(?:'{0,2})/y, /"(?:[^"\\\n]|\\.)*"/y, /'[^'\n]*'/y];

/** From the path of each key, as JSON, to the offset of its last part. */
function scanKeys(text: string): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  const arrays = new Set<string>();
  let at = 0;

  /** Moves over `pattern` if it is here. */
  function take(pattern: RegExp): string | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    at += found?.length ?? 0;
    return found;
  }
  function takeString(): string | null {
    for (const pattern of STRINGS) {
      const found = take(pattern);
      if (found !== null) return found;
    }
    return null;
  }

  /** Reads `a."b".c` below `base`; `null`: a path that must not be told. */
  function readKey(base: readonly string[] | null): readonly string[] | null {
    let path = base;
    do {
      take(BLANK);
      const start = at;
      const part = keyPart(take(BARE_KEY) ?? takeString());
      path = path === null || part === null ? null : [...path, part];
      if (path === null || arrays.has(JSON.stringify(path))) path = null;
      else if (!offsets.has(JSON.stringify(path))) offsets.set(JSON.stringify(path), start);
      take(BLANK);
    } while (take(/\./y) !== null);
    return path;
  }

  function readValue(path: readonly string[] | null): void {
    take(BLANK);
    if (takeString() !== null) return;
    if (take(/\[/y) !== null) return readItems("]", () => readValue(null));
    if (take(/\{/y) !== null) return readItems("}", () => readStatement(path));
    take(SCALAR);
  }
  function readItems(end: string, readItem: () => void): void {
    while (take(/(?:\s|,|#[^\n]*)*/y) !== null && at < text.length && text[at] !== end) {
      const start = at;
      readItem();
      if (at === start) return;
    }
    at++;
  }
  function readStatement(base: readonly string[] | null): void {
    const path = readKey(base);
    if (take(/=/y) !== null) readValue(path);
  }

  let table: readonly string[] | null = [];
  while (take(BLANK) !== null && at < text.length) {
    const start = at;
    if (take(/\[\[/y) !== null) {
      const path = readKey([]);
      if (path !== null) arrays.add(JSON.stringify(path));
      table = null;
      take(/\]\]/y);
    } else if (take(/\[/y) !== null) {
      table = readKey([]);
      take(/\]/y);
    } else {
      readStatement(table);
    }
    // Not TOML after all: better no positions than wrong ones.
    if (at === start) return new Map();
  }
  return offsets;
}

function keyPart(written: string | null): string | null {
  if (written === null) return null;
  if (written.startsWith("'")) return written.slice(1, -1);
  if (!written.startsWith('"')) return written;
  try {
    return String(JSON.parse(written));
  } catch (error) {
    // TOML's \U, \x and \e, which JSON does not know: a key we shall not look for.
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
