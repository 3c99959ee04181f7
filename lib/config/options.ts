import { parsePriceOverrides } from "../metrics/price_overrides.ts";
import type { PriceRow } from "../metrics/price_table.ts";
import {
  ascendingNumbers,
  boolean,
  duration,
  hostNames,
  integer,
  type Kind,
  mode,
  oneOf,
  path,
  port,
  postgresUrl,
  size,
  socketPath,
  table,
  text,
  type TomlValue,
  urlPaths,
} from "./kinds.ts";

export interface Option {
  readonly kind: Kind<unknown>;
  /**
   * As a user would write it; `null`: not set. In text, `{key}` is the value of another option, and
   * `${NAME:-instead}` the absolute path in an environment variable, or what to use instead.
   */
  readonly default: TomlValue | null;
  /** One sentence. That of a switch is an order, so that "Do not" can stand before it. */
  readonly help: string;
  /** Never shown, and without a flag, because flags show in the process list. */
  readonly secret?: true;
  /** Instead of the key with dashes. */
  readonly flag?: string;
  /** Instead of `PRODIGY_` and the key in capitals. */
  readonly env?: string;
  /** The option that cannot be switched on while this one is not set. */
  readonly neededBy?: string;
  /** Whether a changed value takes effect when the configuration is read anew, without a restart. */
  readonly reloadable?: true;
}

/** The ends keep timers sane: JavaScript's fire at once when set beyond 24 days. */
const interval = duration({ least: "10ms", most: "1d" });
const age = duration({ least: "1m", most: "3650d" });
const limit = integer({ least: 1, most: 1_000_000 });
const EXAMPLE_PRICE = { input: 3, output: 15, cache_write_5m: 3.75, cache_write_1h: 6, cache_read: 0.3 };

/** THE table: everything that can be configured. All else (types, flags, variables, help, docs) is derived from it. */
export const OPTIONS = {
  // --- metrics: what is served, and where ---------------------------------------------------------------------------
  "metrics.enabled": { kind: boolean, default: true, flag: "metrics", help: "Serve metrics over HTTP." },
  "metrics.port": { kind: port, default: 9090, help: "Port of the HTTP server; 0 takes any free one." },
  "metrics.bind_address": { kind: text, default: "0.0.0.0", help: "Address the HTTP server listens on." },
  "metrics.exemplars": {
    kind: boolean,
    default: false,
    help: "Tell in OpenMetrics the agent, correlation or run id of the last event in each duration bucket.",
  },

  "metrics.postgres.enabled": {
    kind: boolean,
    default: false,
    flag: "enable-postgres-storage",
    help: "Also write events to PostgreSQL.",
  },
  "metrics.postgres.connection_string": {
    kind: postgresUrl,
    default: null,
    secret: true,
    env: "PRODIGY_POSTGRES_URL",
    neededBy: "metrics.postgres.enabled",
    help: "URL of the database.",
  },
  "metrics.postgres.batch_size": {
    kind: integer({ least: 1, most: 10_000 }),
    default: 100,
    help: "Events that make a batch full.",
  },
  "metrics.postgres.flush_interval_ms": {
    kind: integer({ least: 10, most: 3_600_000 }),
    default: 5000,
    help: "Milliseconds after which a batch is written though not full.",
  },
  "metrics.postgres.password_file": {
    kind: path,
    default: null,
    help: "File with the database's password, read at each connect; instead of one in the URL.",
  },
  "metrics.postgres.ca_file": {
    kind: path,
    default: null,
    help: "Certificate authorities (PEM) that may have signed the database's certificate.",
  },
  "metrics.postgres.instance": {
    kind: text,
    default: null,
    help: "Name of this exporter in the rows; the host's name when not set.",
  },
  "metrics.postgres.keep_payload": {
    kind: boolean,
    default: false,
    help: "Keep event payloads whole, with prompts, tool inputs and outputs.",
  },
  "metrics.postgres.retention": {
    kind: duration({ least: "1d", most: "3650d" }),
    default: null,
    help: "How long events are kept, by whole months; for ever when not set.",
  },
  "metrics.postgres.at_least_once": {
    kind: boolean,
    default: false,
    help: "Let the snapshot wait (up to a minute) for rows to be written, so that a crash loses none.",
  },

  // --- server: who may ask, and for what ----------------------------------------------------------------------------
  "server.web_config_file": {
    kind: path,
    default: null,
    flag: "web-config-file",
    help: "File with TLS, client certificates, passwords and headers, as of Prometheus's exporter-toolkit.",
  },
  "server.auth_excluded_paths": {
    kind: urlPaths,
    default: [],
    reloadable: true,
    help: "Paths everybody may ask for without a password, such as /health.",
  },
  "server.allowed_hosts": {
    kind: hostNames,
    default: [],
    reloadable: true,
    help: "Names by which the server may be addressed, without port; empty: by every name.",
  },
  "server.max_concurrent_scrapes": {
    kind: integer({ least: 1, most: 100_000 }),
    default: 256,
    reloadable: true,
    help: "Scrapes answered at one time; more are turned away for the moment.",
  },
  "server.reload_enabled": {
    kind: boolean,
    default: false,
    reloadable: true,
    help: "Let POST /-/reload read the configuration anew, as SIGHUP does.",
  },

  // --- where Prodigy and Claude Code keep their files ---------------------------------------------------------------
  "prodigy.home": {
    kind: path,
    default: "~/.prodigy",
    env: "PRODIGY_HOME",
    help: "Prodigy's own directory.",
  },
  "claude.config_dir": {
    kind: path,
    default: "~/.claude",
    env: "CLAUDE_CONFIG_DIR",
    help: "Claude Code's own directory.",
  },
  "claude.transcripts": {
    kind: oneOf("prodigy", "all", "off"),
    default: "prodigy",
    help: "Which transcripts of Claude Code to count: of sessions in Prodigy's worktrees, all, or none.",
  },

  "claude.prices": {
    kind: table<readonly PriceRow[]>({
      mustBe: "a table from models, or how their names begin, to USD per million tokens, or to a list of such prices " +
        "that hold from a day on (from) or for prompts over so many tokens (prompt_over)",
      examples: [{ "claude-example": EXAMPLE_PRICE }, {
        "claude-other": [
          { ...EXAMPLE_PRICE, from: "2026-01-01" },
          { ...EXAMPLE_PRICE, input: 6, output: 22.5, prompt_over: 200_000 },
        ],
      }],
      parse: (raw) => {
        const parsed = parsePriceOverrides(raw);
        return parsed.kind === "rows"
          ? { value: parsed.rows }
          : { mustBe: `a table of prices without mistakes (${parsed.problems.join("; ")})` };
      },
    }),
    default: {},
    reloadable: true,
    help: "Prices of models, before the built-in ones.",
  },

  // --- events: Prodigy's event files --------------------------------------------------------------------------------
  "events.enabled": { kind: boolean, default: true, flag: "events", help: "Follow event files." },
  "events.directory": { kind: path, default: "{prodigy.home}/events", help: "Where event files are." },
  "events.line_max_bytes": {
    kind: size({ least: "1KiB", most: "1GiB" }),
    default: "4MiB",
    help: "Longer lines are skipped and counted.",
  },
  "events.poll_interval": {
    kind: interval,
    default: "200ms",
    reloadable: true,
    help: "How often known files are read on; up to 1s when nothing came for the last 50 times.",
  },
  "events.rescan_interval": {
    kind: interval,
    default: "5s",
    reloadable: true,
    help: "How often to look for new files.",
  },
  "events.dedup_window": {
    kind: integer({ least: 1, most: 16_777_216 }),
    default: 131_072,
    help: "How many event ids to remember, so that an event that comes twice counts once.",
  },

  // --- readers: what Prodigy's state files tell ---------------------------------------------------------------------
  "readers.enabled": { kind: boolean, default: true, flag: "readers", help: "Read Prodigy's state files." },
  "readers.poll_interval": {
    kind: interval,
    default: "1s",
    reloadable: true,
    help: "How often to look at the state files.",
  },
  "readers.ignore_older_than": { kind: age, default: "7d", help: "State files untouched for longer are left alone." },
  "readers.settle": {
    kind: interval,
    default: "2s",
    reloadable: true,
    help: "How long an ended state must stand before it counts.",
  },
  "readers.idle_limit": {
    kind: age,
    default: "12h",
    reloadable: true,
    help: "A run without a sign of life for longer is taken for dead.",
  },

  // --- socket: events sent to the exporter --------------------------------------------------------------------------
  "socket.enabled": { kind: boolean, default: true, flag: "socket", help: "Accept event lines on a Unix socket." },
  "socket.path": {
    kind: socketPath,
    default: "{state.directory}/prodigy-exporter.sock",
    help: "The socket's path.",
  },
  "socket.mode": { kind: mode, default: "0660", help: "The socket's permission bits." },
  "socket.group": { kind: text, default: null, help: "The socket's group, by name." },
  "socket.max_connections": {
    kind: integer({ least: 1, most: 65_535 }),
    default: 256,
    reloadable: true,
    help: "Clients at one time.",
  },
  "socket.idle_timeout": {
    kind: interval,
    default: "1h",
    reloadable: true,
    help: "A client silent for longer is disconnected.",
  },
  "socket.journal_max_bytes": {
    kind: size({ least: "1MiB", most: "64GiB" }),
    default: "256MiB",
    help: "Room for received lines that no snapshot holds yet.",
  },

  // --- state: what survives a restart -------------------------------------------------------------------------------
  "state.directory": {
    kind: path,
    default: "${XDG_STATE_HOME:-~/.local/state}/prodigy-exporter",
    help: "Where the exporter keeps its snapshot, journal and socket.",
  },
  "state.snapshot_interval": {
    kind: interval,
    default: "5s",
    reloadable: true,
    help: "How often the snapshot is written.",
  },

  // --- cardinality: how many series there may be --------------------------------------------------------------------
  "cardinality.job_label": {
    kind: oneOf("auto", "prefix", "suffix", "hash", "full"),
    default: "auto",
    help: "How a job's id becomes the job_id label.",
  },
  "cardinality.job_label_length": {
    kind: integer({ least: 4, most: 64 }),
    default: 8,
    help: "Characters of the job_id label.",
  },
  "cardinality.max_series": {
    kind: integer({ least: 100, most: 10_000_000 }),
    default: 20_000,
    reloadable: true,
    help: "Series in total; beyond, label values are folded into other.",
  },
  "cardinality.max_workflow_names": {
    kind: limit,
    default: 200,
    reloadable: true,
    help: "Different workflow_name labels.",
  },
  "cardinality.max_tool_names": { kind: limit, default: 200, reloadable: true, help: "Different tool_name labels." },
  "cardinality.max_models": { kind: limit, default: 50, reloadable: true, help: "Different model labels." },
  "cardinality.fold_mcp_tools": { kind: boolean, default: true, help: "Count all tools of an MCP server as one." },

  "cardinality.finished_job_hold": {
    kind: duration({ least: "1s", most: "1d" }),
    default: "5m",
    reloadable: true,
    help: "How long Prometheus is shown the series of a finished job, and at least for two scrapes.",
  },
  "cardinality.dlq_hold": {
    kind: age,
    default: "7d",
    reloadable: true,
    help: "How long the dead letter queue of a finished job is shown while it holds items.",
  },

  // --- buckets: upper bounds of the histograms, in seconds ----------------------------------------------------------
  "buckets.workflow": {
    kind: ascendingNumbers,
    default: [1, 5, 10, 30, 60, 300, 600, 1800],
    help: "Of prodigy_workflow_duration_seconds.",
  },
  "buckets.step": {
    kind: ascendingNumbers,
    default: [0.1, 1, 5, 10, 30, 60],
    help: "Of prodigy_step_duration_seconds.",
  },
  "buckets.agent": {
    kind: ascendingNumbers,
    default: [1, 10, 30, 60, 300, 600],
    help: "Of prodigy_agent_duration_seconds.",
  },
  "buckets.job": {
    kind: ascendingNumbers,
    default: [10, 30, 60, 300, 600, 1800, 3600, 7200, 14_400, 43_200],
    help: "Of prodigy_mapreduce_job_duration_seconds.",
  },

  // --- log ----------------------------------------------------------------------------------------------------------
  "log.level": {
    kind: oneOf("error", "warn", "info", "debug"),
    default: "info",
    // PRODIGY_LOG_LEVEL is Prodigy's own, with a level "trace" that is none here.
    env: "PRODIGY_EXPORTER_LOG_LEVEL",
    reloadable: true,
    help: "The least important messages to log.",
  },
  "log.format": {
    kind: oneOf("auto", "text", "json"),
    default: "auto",
    help: "auto is text on a terminal and JSON elsewhere.",
  },
} as const satisfies Readonly<Record<string, Option>>;

export type OptionKey = keyof typeof OPTIONS;

type ValueOf<O> = O extends { readonly kind: Kind<infer T>; readonly default: infer D }
  ? T | (D extends null ? null : never)
  : never;

declare const validated: unique symbol;

/** Every option's value. Only `resolveConfig` makes one, so whoever holds one need not check again. */
export type Config =
  & { readonly [K in OptionKey]: ValueOf<(typeof OPTIONS)[K]> }
  & { readonly [validated]: true };
