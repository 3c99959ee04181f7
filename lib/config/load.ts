import { join } from "node:path";
import { parseCommandLine } from "./command_line.ts";
import { type CommandCall, type CommandName, commandOf, type COMMANDS } from "./commands.ts";
import type { ConfigFile } from "./config_file.ts";
import { path as pathKind, type Place } from "./kinds.ts";
import { type Problem, shown } from "./problem.ts";
import { type Layers, type Misconfiguration, resolveConfig, type Resolved, resolveSettings } from "./resolve.ts";

/** The world around the program. */
export interface LoadDeps {
  readonly args: readonly string[];
  /** Asked only for the variables that the option table names. */
  readonly env: (name: string) => string | undefined;
  /** @throws {Deno.errors.NotFound} nothing is there. @throws {Error} it cannot be read. */
  readonly readTextFile: (path: string) => string;
  /** $HOME. */
  readonly homeDirectory: string | undefined;
  readonly currentDirectory: string;
}

type WithConfig<C extends CommandName> = (typeof COMMANDS)[C] extends { readonly configInsteadBy: string }
  ? { readonly resolved: Resolved | null }
  : (typeof COMMANDS)[C]["needsConfig"] extends true ? { readonly resolved: Resolved }
  : unknown;

/**
 * What to do, and with which configuration; `resolved` is there for the commands that need it, and `null` when flags
 * say all they need.
 */
export type Invocation = {
  readonly [C in CommandName]: Extract<CommandCall, { readonly command: C }> & WithConfig<C>;
}[CommandName];

/** Reads command line, environment and file; answers with everything that is wrong in any of them at once. */
export function loadInvocation(deps: LoadDeps): Invocation | Misconfiguration {
  // An empty or relative HOME is no home.
  const homeDirectory = deps.homeDirectory?.startsWith("/") ? deps.homeDirectory : null;
  const here: Place = { homeDirectory, baseDirectory: deps.currentDirectory };
  const { call, configPath, optionFlags, problems } = parseCommandLine(deps.args, here);
  // Help and version carry nothing more, so they are invocations as they are.
  if (call !== null && !commandOf(call.command).needsConfig) return call as Invocation;
  if (call !== null && isSelfContained(call)) {
    // Such commands take `null` for a configuration.
    return problems.length > 0 ? { problems } : { ...call, resolved: null } as Invocation;
  }

  const layers: Layers = {
    flags: optionFlags,
    environment: deps.env,
    file: null,
    homeDirectory,
    currentDirectory: deps.currentDirectory,
  };
  const found = findFile(configPath, layers, deps.readTextFile);
  const file = "text" in found ? found : null;
  const resolved = resolveConfig({ ...layers, file });
  const all = [
    ...problems,
    ..."problems" in found ? found.problems : [],
    ..."problems" in resolved ? resolved.problems : [],
  ];
  if (call === null || "problems" in resolved || all.length > 0) return { problems: all };
  // What is left are commands that need the configuration, and have it.
  return { ...call, resolved } as Invocation;
}

function isSelfContained({ command, commandFlags }: CommandCall): boolean {
  const { configInsteadBy } = commandOf(command);
  const flags = new Map<string, unknown>(Object.entries(commandFlags));
  return configInsteadBy !== undefined && flags.get(configInsteadBy) !== null;
}

const NO_FILE: Misconfiguration = { problems: [] };

/** `--config`, else ./config.toml, else config.toml in Prodigy's directory; only the first must exist. */
function findFile(
  configPath: string | null,
  layers: Layers,
  readTextFile: LoadDeps["readTextFile"],
): ConfigFile | Misconfiguration {
  const here: Place = { homeDirectory: layers.homeDirectory, baseDirectory: layers.currentDirectory };
  if (configPath !== null) {
    const path = pathKind.parse(configPath, here);
    if ("value" in path) return readFile(path.value, readTextFile) ?? unreadable(path.value, "there is no such file");
    return unreadable("--config", `it must be ${path.mustBe}: current value is ${shown(configPath)}`);
  }
  const prodigyHome = resolveSettings(layers).settings.get("prodigy.home")?.value;
  const directories = [layers.currentDirectory, ...typeof prodigyHome === "string" ? [prodigyHome] : []];
  for (const directory of directories) {
    const found = readFile(join(directory, "config.toml"), readTextFile);
    if (found !== null) return found;
  }
  return NO_FILE;
}

/** `null`: nothing is there. */
function readFile(path: string, readTextFile: LoadDeps["readTextFile"]): ConfigFile | Misconfiguration | null {
  try {
    return { path, text: readTextFile(path) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof Error) return unreadable(path, error.message);
    throw error;
  }
}

function unreadable(origin: string, reason: string): Misconfiguration {
  const problem: Problem = {
    key: null,
    origin,
    position: null,
    message: `Cannot read the configuration file as ${reason}`,
  };
  return { problems: [problem] };
}
