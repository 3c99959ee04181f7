/** One argument, together with the word after it when that is its value. */
export interface Argument {
  /** Of a flag, without dashes; `null` for a word that belongs to no flag. */
  readonly name: string | null;
  /** What follows the flag or its `=`, or the word itself; `null` when a flag stands alone. */
  readonly value: string | null;
  /** As it was written. */
  readonly words: readonly string[];
}

/** As on the general command line. */
const SHORT_FORMS: ReadonlyMap<string, string> = new Map([["-h", "--help"], ["-V", "--version"]]);

/**
 * Takes a command line apart. The word after a flag is its value unless it begins with two dashes (one dash may be that
 * of a negative number) or the flag is a switch.
 */
export function readArguments(
  args: readonly string[],
  isSwitch: (name: string) => boolean,
): readonly Argument[] {
  const read: Argument[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = readArgument(args[index] ?? "", args[index + 1] ?? null, isSwitch);
    read.push(argument);
    index += argument.words.length - 1;
  }
  return read;
}

function readArgument(word: string, next: string | null, isSwitch: (name: string) => boolean): Argument {
  const flag = SHORT_FORMS.get(word) ?? word;
  if (!flag.startsWith("--")) return { name: null, value: word, words: [word] };
  const equals = flag.indexOf("=");
  if (equals !== -1) return { name: flag.slice(2, equals), value: flag.slice(equals + 1), words: [word] };
  const name = flag.slice(2);
  return next === null || next.startsWith("--") || isSwitch(name)
    ? { name, value: null, words: [word] }
    : { name, value: next, words: [word, next] };
}
