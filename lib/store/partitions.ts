import type { Connection, Query } from "./connection.ts";
import { StoreFault } from "./fault.ts";
import {
  isBefore,
  isNear,
  type Month,
  monthOf,
  monthOfPartition,
  nextMonth,
  partitionName,
  startOf,
} from "./months.ts";

/** Before anything else, as every writer locks `events` first. */
const LOCK = "LOCK TABLE events IN ACCESS EXCLUSIVE MODE";

/** The partitions of `events`: made when a month's first event comes, dropped when retention says so. */
export class Partitions {
  readonly #schema: string;
  readonly #known: Set<string>;
  /** Off when the role may not make any: rows then go to the default partition. */
  #mayCreate: boolean;

  private constructor(schema: string, known: readonly string[], isPartitioned: boolean) {
    this.#schema = schema;
    this.#known = new Set(known);
    this.#mayCreate = isPartitioned;
  }

  /** A table that is not partitioned (TimescaleDB's hypertable, say) manages itself. */
  static async find(query: Query): Promise<Partitions> {
    const [table] = await query(
      `SELECT quote_ident(nspname) AS schema, relkind = 'p' AS is_partitioned
FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE pg_class.oid = 'events'::regclass`,
    );
    const found = await query(
      "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'events'::regclass",
    );
    return new Partitions(
      String(table?.["schema"]),
      found.map(({ relname }) => String(relname)),
      table?.["is_partitioned"] === true,
    );
  }

  get areOurs(): boolean {
    return this.#known.has("events_default");
  }

  /**
   * Makes those that events of these times need.
   *
   * @returns a problem for a person when that is not allowed
   */
  async ensure(connection: Connection, times: Iterable<number>, nowMs: number): Promise<string | null> {
    if (!this.#mayCreate) return null;
    for (const month of this.#missing(times, nowMs)) {
      try {
        await connection.transaction((query) => this.#create(query, month));
        this.#known.add(partitionName(month));
      } catch (error) {
        if (!(error instanceof StoreFault) || error.code !== "42501") throw error;
        this.#mayCreate = false;
        return "The role may not make partitions: all events go to events_default. Make the role the tables' owner";
      }
    }
    return null;
  }

  #missing(times: Iterable<number>, nowMs: number): readonly Month[] {
    const missing = new Map<string, Month>();
    for (const micros of times) {
      const month = monthOf(micros);
      const name = partitionName(month);
      if (!this.#known.has(name) && isNear(month, nowMs)) missing.set(name, month);
    }
    return [...missing.values()];
  }

  /** What the default partition holds of the month moves into its own, which could not be attached otherwise. */
  async #create(query: Query, month: Month): Promise<void> {
    const name = `${this.#schema}.${partitionName(month)}`;
    const [start, end] = [startOf(month), startOf(nextMonth(month))];
    await query(LOCK);
    const [found] = await query(`SELECT to_regclass('${name}') IS NOT NULL AS is_there`);
    // Another exporter may have been faster.
    if (found?.["is_there"] === true) return;
    await query(`CREATE TABLE ${name} (LIKE events INCLUDING DEFAULTS)`);
    await query(
      `WITH moved AS (
  DELETE FROM events_default WHERE "timestamp" >= '${start}' AND "timestamp" < '${end}' RETURNING *
) INSERT INTO ${name} SELECT * FROM moved`,
    );
    await query(`ALTER TABLE events ATTACH PARTITION ${name} FOR VALUES FROM ('${start}') TO ('${end}')`);
  }

  /**
   * Drops the months that lie wholly before that time, and the default partition's older rows.
   *
   * @returns names of what was dropped
   */
  async drop(connection: Connection, beforeMicros: number): Promise<readonly string[]> {
    if (!this.areOurs) return [];
    const old = [...this.#known].filter((name) => {
      const month = monthOfPartition(name);
      return month !== null && isBefore(month, beforeMicros);
    });
    await connection.transaction(async (query) => {
      await query(LOCK);
      for (const name of old) await query(`DROP TABLE IF EXISTS ${this.#schema}.${name}`);
      await query(`DELETE FROM events_default WHERE "timestamp" < $1::timestamptz`, [
        new Date(beforeMicros / 1000).toISOString(),
      ]);
    });
    for (const name of old) this.#known.delete(name);
    return old;
  }
}
