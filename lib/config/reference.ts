import { expandDefault } from "./default_value.ts";
import { isTable, type TomlValue } from "./kinds.ts";
import { shownDefault, tomlKey, tomlLiteral } from "./literal.ts";
import { environmentName, flagUsage, OPTION_KEYS, optionOf } from "./option_names.ts";
import type { OptionKey } from "./options.ts";

/** The tables in order, each with the keys directly in it. */
function keysByTable(): ReadonlyMap<string, readonly OptionKey[]> {
  return Map.groupBy(OPTION_KEYS, (key) => key.slice(0, key.lastIndexOf(".")));
}

/** The text of config.example.toml: every option, commented out, with its default or an example. */
export function describeExampleConfig(): string {
  const tables = [...keysByTable()].map(([table, keys]) => `[${table}]\n${keys.map(describeExample).join("\n\n")}`);
  return `# Every option of prodigy-exporter, commented out, with its default. The file is ./config.toml, else config.toml in
# Prodigy's directory (~/.prodigy), where others may have tables, too: only those below are read.

${tables.join("\n\n")}
`;
}

function describeExample(key: OptionKey): string {
  const { default: written, help, kind } = optionOf(key);
  const name = key.slice(key.lastIndexOf(".") + 1);
  const value = tomlLiteral(written === null ? kind.examples[0] : plainDefault(key));
  const others = [flagUsage(key), environmentName(key)].filter((other) => other !== null).join(", ");
  const lines = [`${help}${written === null ? " Not set by default." : ""}`, others, `${name} = ${value}`];
  return lines.filter((line) => line !== "").map((line) => `# ${line}`).join("\n");
}

/** What a default comes to for someone who has set nothing. */
function plainDefault(key: OptionKey): TomlValue | null | undefined {
  return expandDefault(optionOf(key).default, { environment: () => undefined, option: plainDefault });
}

/** The text of docs/configuration.md. */
export function describeReference(): string {
  const sections = [...keysByTable()].map(([table, keys]) =>
    [`## [${table}]`, describeTable(keys), ...keys.flatMap(describeEntries)].join("\n\n")
  );
  return `# Configuration

Every option can be written in four places. A flag wins over the environment, the environment over the file, the file
over the default. The file is the one after \`--config\`, else \`./config.toml\`, else \`config.toml\` in Prodigy's directory;
tables that are not of the exporter are ignored there, unknown keys in its own are mistakes. All mistakes are reported
at once. \`prodigy-exporter check-config\` prints every value, when a new one is taken, and where it was written.

SIGHUP, and with \`server.reload_enabled\` also \`POST /-/reload\`, read the configuration anew. What is reloadable changes
without losing a line or a count; other options that differ are named in the log and the answer, and wait for a restart.
With a mistake anywhere, all stays as it was.

Relative paths in the file start from the file's directory, elsewhere from the current one. In defaults, \`{key}\` is the
value of another option, and \`\${NAME:-instead}\` that of an environment variable, or what to use instead.

${sections.join("\n\n")}
`;
}

const COLUMNS = ["Option", "Default", "Flag", "Environment", "Meaning"];

function describeTable(keys: readonly OptionKey[]): string {
  const rows = keys.map((key) => {
    const { default: written, help, kind, secret, reloadable } = optionOf(key);
    const meaning = `${help}${secret ? " Secret." : ""}${reloadable ? " Reloadable." : ""} It must be ${kind.mustBe}.`;
    const shown = written === null ? null : shownDefault(written);
    return [code(key), code(shown), code(flagUsage(key)), code(environmentName(key)), meaning].map(cell);
  });
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const lines = [COLUMNS, widths.map((width) => "-".repeat(width)), ...rows];
  return lines.map((row) => `| ${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" | ")} |`).join("\n");
}

/** Of an option that is a table of its own: how its entries are written, which no row has room for. */
function describeEntries(key: OptionKey): readonly string[] {
  const entries = optionOf(key).kind.examples.flatMap((example) => isTable(example) ? Object.entries(example) : []);
  if (entries.length === 0) return [];
  const lines = entries.map(([name, value]) => `${tomlKey(name)} = ${tomlLines(value)}`);
  return [`Entries of \`${key}\` look like this:`, `\`\`\`toml\n[${key}]\n${lines.join("\n")}\n\`\`\``];
}

/** As `tomlLiteral`, a list over several lines. */
function tomlLines(value: unknown): string {
  return Array.isArray(value)
    ? `[\n${value.map((item) => `  ${tomlLiteral(item)},`).join("\n")}\n]`
    : tomlLiteral(value);
}

function code(text: string | null): string {
  return text === null ? "" : `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
