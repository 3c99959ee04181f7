import { boolean, duration, type Kind, oneOf, path, text, type TomlValue } from "./kinds.ts";
import { moment } from "./moment.ts";

export interface CommandFlag {
  readonly kind: Kind<unknown>;
  /** As for an option; `null`: not given. */
  readonly default: TomlValue | null;
  readonly help: string;
}

export interface Command {
  readonly summary: string;
  /** Whether it stands on the configuration; help must work with a broken one. */
  readonly needsConfig: boolean;
  /** The flag that says all the configuration would: with it, the command stands on its own. */
  readonly configInsteadBy?: string;
  /** What follows the command in the usage line; without it, operands are mistakes. */
  readonly operands?: string;
  /** Flags of this command alone, by name. */
  readonly flags: Readonly<Record<string, CommandFlag>>;
}

/** The first is what runs when no command is named. */
export const COMMANDS = {
  start: { summary: "Run the exporter.", needsConfig: true, flags: {} },
  once: {
    summary: "Read everything there is, print the metrics, and exit.",
    needsConfig: true,
    flags: {
      format: { kind: oneOf("text", "json"), default: "text", help: "Prometheus text, or JSON." },
    },
  },
  emit: {
    summary: "Send an event to the exporter; see emit --help.",
    needsConfig: true,
    operands: "EVENT_TYPE|--stdin [--FIELD VALUE]...",
    flags: {},
  },
  backfill: {
    summary: "Write the past found on disk as OpenMetrics with times, for promtool.",
    needsConfig: true,
    flags: {
      out: { kind: path, default: null, help: "Directory for the files, one for every two hours." },
      // Prometheus keeps 15 days unless told otherwise.
      since: { kind: moment, default: "15d", help: "Where the samples begin; what happened before is counted in." },
      until: { kind: moment, default: "0s", help: "Where they end: when the exporter was first started, if it runs." },
      step: {
        // Prometheus gives up a series that is silent for five minutes.
        kind: duration({ least: "1s", most: "2m" }),
        default: "15s",
        help: "How exactly changes are placed in time; your scrape interval.",
      },
      job: { kind: text, default: null, help: "The job label that Prometheus gives the exporter." },
      instance: { kind: text, default: null, help: "The instance label that Prometheus gives the exporter." },
    },
  },
  health: {
    summary: "Ask a running exporter how it is; exits with 0 or 1.",
    needsConfig: true,
    configInsteadBy: "url",
    flags: {
      url: { kind: text, default: null, help: "Its address, such as http://localhost:9090; by default as configured." },
      ready: { kind: boolean, default: false, help: "Ask whether it is ready to be scraped." },
      timeout: { kind: duration({ least: "10ms", most: "10m" }), default: "5s", help: "How long to wait." },
      "ca-file": { kind: path, default: null, help: "Authorities (PEM) that may have signed its certificate." },
      "cert-file": { kind: path, default: null, help: "Certificate (PEM) to show to it." },
      "key-file": { kind: path, default: null, help: "Key (PEM) of that certificate." },
      "credentials-file": { kind: path, default: null, help: "File with user:password." },
    },
  },
  "check-config": { summary: "Print every option with its value and origin.", needsConfig: true, flags: {} },
  migrate: {
    summary: "Bring the database of the event store up to date.",
    needsConfig: true,
    flags: {
      print: { kind: boolean, default: false, help: "Print the SQL instead, for an administrator to apply." },
    },
  },
  help: { summary: "Print this text.", needsConfig: false, flags: {} },
  version: { summary: "Print the version.", needsConfig: false, flags: {} },
} as const satisfies Readonly<Record<string, Command>>;

export const DEFAULT_COMMAND: CommandName = "start";

export type CommandName = keyof typeof COMMANDS;

type FlagValue<F> = F extends { readonly kind: Kind<infer T>; readonly default: infer D }
  ? T | (D extends null ? null : never)
  : never;
type FlagsOf<C extends CommandName> = {
  readonly [F in keyof (typeof COMMANDS)[C]["flags"]]: FlagValue<(typeof COMMANDS)[C]["flags"][F]>;
};

/** A command with the values of its own flags. */
export type CommandCall = {
  readonly [C in CommandName]: {
    readonly command: C;
    readonly commandFlags: FlagsOf<C>;
    readonly operands: readonly string[];
  };
}[CommandName];

// Object.keys forgets the key type; the table has no other keys.
export const COMMAND_NAMES: readonly CommandName[] = Object.keys(COMMANDS) as CommandName[];

export function commandOf(name: CommandName): Command {
  return COMMANDS[name];
}

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
