import { parse } from "@std/toml/parse";
import { isTable } from "./kinds.ts";
import { nearest } from "./nearest.ts";
import { isOptionKey, OPTION_KEYS } from "./option_names.ts";
import type { OptionKey } from "./options.ts";
import { type Problem, shownName } from "./problem.ts";
import { locateKeys, type Position } from "./toml_positions.ts";

/** Where the file is and what it holds. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** What the file says about our options, not yet checked. */
export interface ConfigFileContent {
  readonly values: ReadonlyMap<OptionKey, { readonly raw: unknown; readonly position: Position | null }>;
  /** Top-level tables of others; the file is shared with Prodigy. */
  readonly ignoredTables: readonly string[];
  readonly problems: readonly Problem[];
}

/** `metrics`, `metrics.postgres`, …: the tables that hold our options. */
export const TABLE_NAMES: ReadonlySet<string> = new Set(
  OPTION_KEYS.flatMap((key) => {
    const parts = key.split(".").slice(0, -1);
    return parts.map((_, i) => parts.slice(0, i + 1).join("."));
  }),
);

/** A file with more mistakes than this is not meant for us; nobody would read on. */
const MAX_PROBLEMS = 100;

/** Finds our options in a TOML text, and what in our tables is no option. */
export function readConfigFile(file: ConfigFile): ConfigFileContent {
  const values = new Map<OptionKey, { readonly raw: unknown; readonly position: Position | null }>();
  const ignoredTables: string[] = [];
  const problems: Problem[] = [];

  let root: Record<string, unknown>;
  try {
    root = parse(file.text);
  } catch (error) {
    return { values, ignoredTables, problems: [syntaxProblem(file, error)] };
  }

  const locate = locateKeys(file.text);
  function report(path: readonly string[], message: string): void {
    if (problems.length < MAX_PROBLEMS) {
      problems.push({ key: path.join("."), origin: file.path, position: locate(path), message });
    }
  }
  function walk(table: Readonly<Record<string, unknown>>, parents: readonly string[]): void {
    for (const [name, raw] of Object.entries(table)) {
      const path = [...parents, name];
      // A dot inside a quoted key is no path: "metrics.port" = 1 is not ours.
      const key = name.includes(".") ? null : path.join(".");
      if (key !== null && isOptionKey(key)) {
        values.set(key, { raw, position: locate(path) });
      } else if (key !== null && TABLE_NAMES.has(key)) {
        if (isTable(raw)) walk(raw, path);
        // Text in place of a table may be a secret meant for an option inside it.
        else {report(
            path,
            `Cannot use ${key} as it must be a table: current value is ${
              typeof raw === "number" || typeof raw === "boolean" ? raw : "of another kind"
            }`,
          );}
      } else if (parents.length > 0) {
        const written = path.map(shownName).join(".");
        const known = nearest(path.join("."), isTable(raw) ? TABLE_NAMES : OPTION_KEYS);
        const what = isTable(raw) ? "table" : "option";
        report(path, `Cannot use ${written} as there is no such ${what}: the nearest is ${known}`);
      } else if (isTable(raw)) {
        ignoredTables.push(name);
      }
    }
  }
  walk(root, []);
  return { values, ignoredTables, problems };
}

function syntaxProblem(file: ConfigFile, error: unknown): Problem {
  if (!(error instanceof Error)) throw error;
  // Below its first line the parser quotes the file, which may hold secrets.
  const reason = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "") ?? "";
  const { line, column } = error as { readonly line?: unknown; readonly column?: unknown }; // smol-toml's TomlError has both
  const position = typeof line === "number" && typeof column === "number" ? { line, column } : null;
  return { key: null, origin: file.path, position, message: `Cannot read the file as it must be TOML: ${reason}` };
}
