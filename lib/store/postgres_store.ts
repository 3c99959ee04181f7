import { type Answered, Slices } from "../runtime/event_loop.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "./database_url.ts";
import type { EventStore } from "./event_store.ts";
import { StoreFault } from "./fault.ts";
import { migrate, type MigrationResult } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import { Partitions } from "./partitions.ts";
import { type Client, openClient } from "./postgres.ts";
import type { StoredEvent } from "./stored_event.ts";
import { writeEvents, type Written } from "./write_events.ts";

export interface DatabaseOptions {
  readonly url: string;
  /** Read at every connect, so that it may change; instead of the URL's password. */
  readonly passwordFile: string | null;
  readonly caFile: string | null;
}

export interface PostgresStoreOptions extends DatabaseOptions {
  /** Names this exporter in rows that several may write. */
  readonly instance: string;
  /** Events older than that are dropped, `null`: kept. */
  readonly retentionSeconds: number | null;
}

export interface PostgresStoreDeps {
  /** Unix time in milliseconds. */
  readonly now: () => number;
  readonly onMigrated: (result: MigrationResult) => void;
  readonly onDropped: (partitions: readonly string[]) => void;
  readonly onProblem: (problem: string) => void;
  /** Rows wait for those who ask something of the program. */
  readonly answered?: Answered;
}

/** Longest time for one transaction; beyond it, the connection is taken for dead. */
const TIMEOUT_MS = 30_000;
/** Longest stretch of work on rows before something else may run. */
const SLICE_MS = 1;
const RETENTION_INTERVAL_MS = 3_600_000;

/** The event store in PostgreSQL. Connects when needed: one connection for each batch that is on its way. */
export class PostgresStore implements EventStore {
  readonly #options: PostgresStoreOptions;
  readonly #deps: PostgresStoreDeps;
  readonly #clients = new Set<Client>();
  readonly #idle: Client[] = [];
  #partitions: Partitions | null = null;
  #turn: Promise<void> = Promise.resolve();
  #retentionAtMs = -Infinity;

  constructor(options: PostgresStoreOptions, deps: PostgresStoreDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  async write(events: readonly StoredEvent[]): Promise<Written> {
    const client = await this.#takeClient();
    try {
      const expiredBeforeMicros = await this.#inTurn(() => this.#prepare(client, events));
      const { instance } = this.#options;
      const slices = new Slices(SLICE_MS, this.#deps.answered);
      return await client.transaction((query) => writeEvents(query, events, { instance, expiredBeforeMicros, slices }));
    } finally {
      await this.#giveBack(client);
    }
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#clients, (client) => client.close()));
    this.#clients.clear();
  }

  async #takeClient(): Promise<Client> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.isLost) return idle;
      await this.#forget(idle);
    }
    const client = await connect(this.#options);
    this.#clients.add(client);
    return client;
  }

  async #giveBack(client: Client): Promise<void> {
    if (client.isLost) await this.#forget(client);
    else this.#idle.push(client);
  }

  async #forget(client: Client): Promise<void> {
    this.#clients.delete(client);
    // What comes next may be another server, or another database of that name.
    this.#partitions = null;
    await client.close();
  }

  /**
   * Migrates, applies retention and makes partitions.
   *
   * @returns the time before which events are not kept
   */
  async #prepare(client: Client, events: readonly StoredEvent[]): Promise<number | null> {
    const partitions = this.#partitions ??= await this.#openSchema(client);
    const expiredBeforeMicros = await this.#applyRetention(client, partitions);
    const times = events.map(({ atMicros }) => atMicros).filter((at) => at >= (expiredBeforeMicros ?? -Infinity));
    const problem = await partitions.ensure(client, times, this.#deps.now());
    if (problem !== null) this.#deps.onProblem(problem);
    return expiredBeforeMicros;
  }

  async #openSchema(client: Client): Promise<Partitions> {
    const result = await migrate(client, MIGRATIONS);
    if (result.from !== result.to) this.#deps.onMigrated(result);
    return await Partitions.find(client.query);
  }

  /** One after the other. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      return await work();
    } finally {
      resolve();
    }
  }

  /** @returns the time before which events are not kept. */
  async #applyRetention(client: Client, partitions: Partitions): Promise<number | null> {
    const { retentionSeconds } = this.#options;
    if (retentionSeconds === null) return null;
    const nowMs = this.#deps.now();
    const beforeMicros = (nowMs - retentionSeconds * 1000) * 1000;
    if (nowMs - this.#retentionAtMs >= RETENTION_INTERVAL_MS) {
      const dropped = await partitions.drop(client, beforeMicros);
      if (dropped.length > 0) this.#deps.onDropped(dropped);
      this.#retentionAtMs = nowMs;
    }
    return beforeMicros;
  }
}

/** Brings a database's schema up to date. @throws {StoreFault} */
export async function migrateDatabase(options: DatabaseOptions): Promise<MigrationResult> {
  const client = await connect(options);
  try {
    return await migrate(client, MIGRATIONS);
  } finally {
    await client.close();
  }
}

async function connect({ url, passwordFile, caFile }: DatabaseOptions): Promise<Client> {
  const address = addressOf(url, caFile !== null);
  const password = passwordFile === null ? address.password : (await readSetting(passwordFile)).replace(/\r?\n$/, "");
  const caPem = caFile === null ? null : await readSetting(caFile);
  return openClient({ address: { ...address, password }, caPem, timeoutMs: TIMEOUT_MS });
}

async function readSetting(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreFault("server", "SETTING", `Cannot connect to PostgreSQL: ${reason}`, { cause: error });
  }
}

function addressOf(url: string, hasCa: boolean): DatabaseAddress {
  try {
    return parseDatabaseUrl(url, hasCa);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new StoreFault("server", "URL", error.message);
  }
}
