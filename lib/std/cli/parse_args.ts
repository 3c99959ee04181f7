/** The options of @std/cli `parseArgs` that are used here; names without dots, so that nothing is nested. */
export interface ParseOptions {
  /** Flags that take a value, which stays text. `"_"` keeps the operands text, too. */
  readonly string?: readonly string[];
  /** Flags that take no value; `false` when absent and without a default. */
  readonly boolean?: readonly string[];
  /** Flags that may be written `--no-name`. */
  readonly negatable?: readonly string[];
  /** Flags that may be repeated; their values come as an array. */
  readonly collect?: readonly string[];
  readonly alias?: Readonly<Record<string, string>>;
  readonly default?: Readonly<Record<string, unknown>>;
  /** Put what follows `--` under `"--"`, not among the operands. */
  readonly "--"?: boolean;
  /** Called for each operand (with `arg` only) and each undeclared flag; what it answers with `false` is left out. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export interface Args {
  readonly _: readonly (string | number)[];
  readonly [name: string]: unknown;
}

/** Stands in for jsr:@std/cli's `parseArgs`: same names, same results for the options above. */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  const aliases = new Map(
    Object.entries(options.alias ?? {}).flatMap(([name, alias]) => [[name, alias], [alias, name]]),
  );
  const declared = (names: readonly string[] = []): Set<string> =>
    new Set(names.flatMap((name) => [name, ...[aliases.get(name) ?? []].flat()]));
  const booleans = declared(options.boolean);
  const strings = declared(options.string);
  const negatable = declared(options.negatable);
  const collected = declared(options.collect);
  const isDeclared = (name: string): boolean => booleans.has(name) || strings.has(name) || aliases.has(name);

  const result = new Map<string, unknown>();
  const operands: (string | number)[] = [];

  function set(arg: string, name: string, given: string | boolean): void {
    if (!isDeclared(name) && options.unknown?.(arg, name, given) === false) return;
    const value = typeof given === "string" && !strings.has(name) ? numberOrText(given) : given;
    for (const key of [name, ...[aliases.get(name) ?? []].flat()]) {
      const before = result.get(key);
      // As std does, `--no-name` replaces what was collected.
      result.set(key, collected.has(key) && given !== false ? [...Array.isArray(before) ? before : [], value] : value);
    }
  }

  const end = args.indexOf("--");
  const parsed = end === -1 ? args : args.slice(0, end);
  const rest = end === -1 ? [] : args.slice(end + 1);

  for (let i = 0; i < parsed.length; i++) {
    const arg = parsed[i] ?? "";
    const flag = /^(--?)([^=]+)(?:=(.*))?$/s.exec(arg);
    if (flag === null) {
      if (options.unknown?.(arg) !== false) operands.push(strings.has("_") ? arg : numberOrText(arg));
      continue;
    }
    const [, dashes = "", body = "", written] = flag;
    const letters = dashes === "-" ? [...body] : [];
    for (const letter of letters.slice(0, -1)) set(arg, letter, strings.has(letter) ? "" : true);
    const name = letters.at(-1) ?? body;
    const positive = name.slice("no-".length);
    const isNegated = dashes === "--" && name.startsWith("no-");

    if (written !== undefined) {
      // As std does: --no-name=value is --name=value.
      if (isNegated) set(arg, positive, booleans.has(positive) ? written !== "false" : written);
      else set(arg, name, booleans.has(name) ? written !== "false" : written);
      continue;
    }
    if (isNegated && negatable.has(positive)) {
      set(arg, positive, false);
      continue;
    }
    const next = parsed[i + 1] ?? "";
    const takesNext = booleans.has(name) ? next === "true" || next === "false" : next !== "" && !next.startsWith("-");
    if (takesNext) i++;
    if (booleans.has(name)) set(arg, name, next !== "false");
    else set(arg, name, takesNext ? next : strings.has(name) ? "" : true);
  }

  for (const [name, value] of Object.entries(options.default ?? {})) {
    for (const key of [name, ...[aliases.get(name) ?? []].flat()]) if (!result.has(key)) result.set(key, value);
  }
  for (const name of booleans) if (!result.has(name)) result.set(name, collected.has(name) ? [] : false);
  for (const name of strings) if (!result.has(name) && collected.has(name)) result.set(name, []);

  return options["--"] === true
    ? { ...Object.fromEntries(result), _: operands, "--": rest }
    : { ...Object.fromEntries(result), _: [...operands, ...rest] };
}

function numberOrText(text: string): string | number {
  return /^(0x[0-9a-f]+|[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?)$/i.test(text) ? Number(text) : text;
}
