import type { Query } from "./connection.ts";
import { type DatabaseAddress, parseDatabaseUrl } from "./database_url.ts";
import type { EventStore } from "./event_store.ts";
import { StoreFault } from "./fault.ts";
import { migrate, type MigrationResult } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";
import { Partitions } from "./partitions.ts";
import { type Client, openClient } from "./postgres.ts";
import type { StoredEvent } from "./stored_event.ts";
import { type PreparedEvents, prepareEvents, writeEvents, type Written } from "./write_events.ts";

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

/** What happens to the schema. Plain data, as it may come from another thread. */
export interface SchemaEvents {
  readonly onMigrated: (result: MigrationResult) => void;
  readonly onPartitionsDropped: (partitions: readonly string[]) => void;
  readonly onProblem: (problem: string) => void;
}

export interface PostgresStoreDeps {
  readonly events: SchemaEvents;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Called between two pieces of work; may stop for a few milliseconds. */
  readonly giveWay?: () => void;
}

/** Longest time for one transaction; beyond it, the connection is taken for dead. */
const TIMEOUT_MS = 30_000;

/** The event store in PostgreSQL. Connects when needed; one write at a time. */
export class PostgresStore implements EventStore {
  readonly #options: PostgresStoreOptions;
  readonly #deps: PostgresStoreDeps;
  #client: Client | null = null;
  #partitions: Partitions | null = null;

  constructor(options: PostgresStoreOptions, deps: PostgresStoreDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  prepare(events: readonly StoredEvent[]): PreparedEvents {
    return prepareEvents(events, this.#options.instance);
  }

  async write(prepared: PreparedEvents): Promise<Written> {
    const client = await this.#connected();
    const expiredBeforeMicros = await this.#prepareSchema(client, prepared.events);
    const { instance } = this.#options;
    return await client.transaction((query) =>
      writeEvents(this.#patient(query), prepared, { instance, expiredBeforeMicros })
    );
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.close();
  }

  /** What a query needs of this thread, and then of the server's processor, can wait; and so can what follows from it. */
  #patient(query: Query): Query {
    const { giveWay } = this.#deps;
    return async (sql, parameters) => {
      giveWay?.();
      const rows = await query(sql, parameters);
      giveWay?.();
      return rows;
    };
  }

  async #connected(): Promise<Client> {
    if (this.#client?.isLost) {
      // What comes next may be another server, or another database of that name.
      this.#partitions = null;
      await this.close();
    }
    return this.#client ??= await connect(this.#options);
  }

  /**
   * Migrates, applies retention and makes partitions.
   *
   * @returns the time before which events are not kept
   */
  async #prepareSchema(client: Client, events: readonly StoredEvent[]): Promise<number | null> {
    const partitions = this.#partitions ??= await this.#openSchema(client);
    const expiredBeforeMicros = await this.#applyRetention(client, partitions);
    const times = events.map(({ atMicros }) => atMicros).filter((at) => at >= (expiredBeforeMicros ?? -Infinity));
    const problem = await partitions.ensure(client, times, this.#deps.now());
    if (problem !== null) this.#deps.events.onProblem(problem);
    return expiredBeforeMicros;
  }

  async #openSchema(client: Client): Promise<Partitions> {
    const result = await migrate(client, MIGRATIONS);
    if (result.from !== result.to) this.#deps.events.onMigrated(result);
    return await Partitions.find(client.query);
  }

  /** @returns the time before which events are not kept. */
  async #applyRetention(client: Client, partitions: Partitions): Promise<number | null> {
    const { retentionSeconds } = this.#options;
    if (retentionSeconds === null) return null;
    const nowMs = this.#deps.now();
    const beforeMicros = (nowMs - retentionSeconds * 1000) * 1000;
    const { names, problem } = await partitions.drop(client, beforeMicros, nowMs);
    if (names.length > 0) this.#deps.events.onPartitionsDropped(names);
    if (problem !== null) this.#deps.events.onProblem(problem);
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

/** The check of the configuration lets no such URL through, but another thread sends it. @throws {StoreFault} */
function addressOf(url: string, hasCa: boolean): DatabaseAddress {
  const parsed = parseDatabaseUrl(url, hasCa);
  if ("value" in parsed) return parsed.value;
  throw new StoreFault("server", "URL", `Cannot read the database's URL as it must be ${parsed.mustBe}`);
}
