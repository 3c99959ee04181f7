import { COMMAND_NAMES, commandOf, isCommandName } from "../../../lib/config/commands.ts";
import { environmentNames, flagUsage, isOptionKey, OPTION_KEYS } from "../../../lib/config/option_names.ts";
import { listEventFields } from "../../../lib/emit/event_line.ts";
import { EVENT_DECODERS } from "../../../lib/event/decode.ts";
import type { WireEventType } from "../../../lib/event/event.ts";
import type { Document } from "./documents.ts";

/** A call of the exporter in a document: what follows its name. */
const OWN_CALL = /^(?:[A-Z_]+=\S+ )*(?:prodigy-exporter|deno task start)(?=\s|$)(.*)$/;
const TASK_CALL = /\bdeno(?:@[\d.]+)? task ([\w:]+)/g;
/** With a point in it, it is one of Prometheus's. */
const FLAG = /(?<=^|\s)--([a-z][a-z0-9-]*)(?=[\s=]|$)/g;
const ALWAYS = ["help", "version", "config"];
const OF_EMIT = ["stdin", "socket", "file", "timeout", "id", "timestamp", "correlation-id", "command", "error-message"];

/** Names in a document that the program does not have. */
export function unknownNames(document: Document, tasks: readonly string[]): readonly string[] {
  const pieces = [...document.spans, ...document.blocks.filter(({ language }) => language === "sh").flatMap(callsOf)];
  return [
    ...pieces.flatMap(unknownInCall),
    ...[...document.text.matchAll(TASK_CALL)].map(([, task = ""]) => task).filter((task) => !tasks.includes(task))
      .map((task) => `deno task ${task}`),
    ...document.spans.filter((span) => isUnknownOption(span)),
    ...[...document.text.matchAll(/\bPRODIGY_[A-Z_]+\b/g)].map(([name]) => name).filter((name) => !isVariable(name)),
    ...document.spans.filter((span) => span.startsWith("--")).flatMap((span) => unknownFlags(span, document)),
  ];
}

/** One line of shell is one or more calls; a line that goes on is one with the next. */
function callsOf({ text }: { readonly text: string }): readonly string[] {
  return text.replace(/\s*\\\n\s*/g, " ").split(/\n|\||&&|;/).map((call) => call.replace(/(^|\s)#.*$/, "").trim());
}

function unknownInCall(piece: string): readonly string[] {
  const rest = OWN_CALL.exec(piece.trim())?.[1];
  if (rest === undefined) return [];
  const words = rest.trim().split(/\s+/).filter((word) => word !== "");
  const command = words.find((word) => !word.startsWith("-") && words[words.indexOf(word) - 1] !== "--config");
  const isCommand = command !== undefined && isCommandName(command);
  // A value of a flag may stand first; a word at the very start must be a command.
  if (words[0] !== undefined && words[0] === command && !isCommand) return [piece];
  const allowed = [...ALWAYS, ...optionFlags(), ...isCommand ? flagsOf(command, words) : []];
  return [...rest.matchAll(FLAG)].map(([, flag = ""]) => flag).filter((flag) => !allowed.includes(flag))
    .map((flag) => `${piece}: --${flag}`);
}

function flagsOf(command: string, words: readonly string[]): readonly string[] {
  if (!isCommandName(command)) return [];
  if (command !== "emit") return Object.keys(commandOf(command).flags);
  const type = words.find((word) => Object.hasOwn(EVENT_DECODERS, word));
  // It is a key of the decoders.
  const fields = type === undefined ? [] : listEventFields(type as WireEventType);
  return [...OF_EMIT, ...fields.map((name) => name.replaceAll("_", "-"))];
}

/** Both forms of a switch, as both can be written. */
function optionFlags(): readonly string[] {
  return OPTION_KEYS.map(flagUsage).filter((usage) => usage !== null).map((usage) => usage.split(" ")[0] ?? "")
    .flatMap((flag) => [flag.slice(2), flag.replace(/^--no-/, "").replace(/^--/, "")]);
}

/** A flag alone must be one of ours, or of another program that the document calls with it. */
function unknownFlags(span: string, { blocks }: Document): readonly string[] {
  const own = [
    ...ALWAYS,
    ...OF_EMIT,
    ...optionFlags(),
    ...COMMAND_NAMES.flatMap((name) => Object.keys(commandOf(name).flags)),
  ];
  const others = blocks.flatMap(callsOf).filter((call) => !OWN_CALL.test(call)).join("\n");
  return [...span.matchAll(FLAG)].map(([, flag = ""]) => flag)
    .filter((flag) => !own.includes(flag) && !others.includes(`--${flag}`)).map((flag) => `--${flag}`);
}

const TABLES = new Set(OPTION_KEYS.map((key) => key.split(".")[0] ?? ""));

/** `table.key`, where the table is one of the configuration's. File names look alike. */
function isUnknownOption(span: string): boolean {
  const match = /^([a-z]+)\.[a-z_.0-9]+$/.exec(span);
  if (match === null || !TABLES.has(match[1] ?? "") || /\.(ts|md|json|sql|yml|toml)$/.test(span)) return false;
  return !isOptionKey(span) && !OPTION_KEYS.some((key) => key.startsWith(`${span}.`));
}

/** Of the compose files, for containers. */
const COMPOSE_VARIABLES = [
  "PRODIGY_UID",
  "PRODIGY_GID",
  "PRODIGY_DB_PASSWORD_FILE",
  "PRODIGY_READER_PASSWORD",
  "PRODIGY_SOCKET_DIRECTORY",
  "PRODIGY_ALERT_WEBHOOK_URL",
];

function isVariable(name: string): boolean {
  return environmentNames().includes(name) || COMPOSE_VARIABLES.includes(name) ||
    // A family of them, as PRODIGY_METRICS_….
    name.endsWith("_") && environmentNames().some((known) => known.startsWith(name));
}
