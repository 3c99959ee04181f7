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

/**
 * Before anything else, as every writer locks `events` first. Whoever comes after waits behind it, so it gives up soon:
 * a backup reads for minutes.
 */
const LOCK = "SET LOCAL lock_timeout = '1s'; LOCK TABLE events IN ACCESS EXCLUSIVE MODE";
const INSUFFICIENT_PRIVILEGE = "42501";
const LOCK_NOT_AVAILABLE = "55P03";
/** Then somebody who reads for long has perhaps ended. */
const TRY_AGAIN_MS = 60_000;
const RETENTION_INTERVAL_MS = 3_600_000;

/** The partitions of `events`: made when a month's first event comes, dropped when retention says so. */
export class Partitions {
  readonly #schema: string;
  readonly #known: Set<string>;
  /** Off when the role may not make any: rows then go to the default partition. */
  #mayCreate: boolean;
  /** Unix time in milliseconds, before which no partition is made, and none dropped. */
  #createAtMs = -Infinity;
  #dropAtMs = -Infinity;

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

  get #areOurs(): boolean {
    return this.#known.has("events_default");
  }

  /**
   * Makes those that events of these times need. While somebody reads `events` for long there are none, and rows go to
   * the default partition.
   *
   * @returns a problem for a person when that is not allowed
   */
  async ensure(connection: Connection, times: Iterable<number>, nowMs: number): Promise<string | null> {
    if (!this.#mayCreate || nowMs < this.#createAtMs) return null;
    for (const month of this.#missing(times, nowMs)) {
      try {
        await connection.transaction((query) => this.#create(query, month));
        this.#known.add(partitionName(month));
      } catch (error) {
        if (isCode(error, LOCK_NOT_AVAILABLE)) {
          this.#createAtMs = nowMs + TRY_AGAIN_MS;
          return null;
        }
        if (!isCode(error, INSUFFICIENT_PRIVILEGE)) throw error;
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
   * Drops the months that lie wholly before that time, and the default partition's older rows; once an hour.
   *
   * @returns names of what was dropped, and a problem for a person when that is not allowed
   */
  async drop(connection: Connection, beforeMicros: number, nowMs: number): Promise<Dropped> {
    if (!this.#areOurs || nowMs < this.#dropAtMs) return NOTHING_DROPPED;
    this.#dropAtMs = nowMs + RETENTION_INTERVAL_MS;
    const old = [...this.#known].filter((name) => {
      const month = monthOfPartition(name);
      return month !== null && isBefore(month, beforeMicros);
    });
    try {
      const before = new Date(beforeMicros / 1000).toISOString();
      await connection.query(`DELETE FROM events_default WHERE "timestamp" < $1::timestamptz`, [before]);
      if (old.length === 0) return NOTHING_DROPPED;
      await connection.transaction(async (query) => {
        await query(LOCK);
        for (const name of old) await query(`DROP TABLE IF EXISTS ${this.#schema}.${name}`);
      });
    } catch (error) {
      if (isCode(error, LOCK_NOT_AVAILABLE)) {
        this.#dropAtMs = nowMs + TRY_AGAIN_MS;
        return NOTHING_DROPPED;
      }
      if (!isCode(error, INSUFFICIENT_PRIVILEGE)) throw error;
      return {
        ...NOTHING_DROPPED,
        problem: "The role may not drop old events: they stay. Make the role the tables' owner",
      };
    }
    for (const name of old) this.#known.delete(name);
    return { names: old, problem: null };
  }
}

interface Dropped {
  readonly names: readonly string[];
  readonly problem: string | null;
}
const NOTHING_DROPPED: Dropped = { names: [], problem: null };

function isCode(error: unknown, code: string): boolean {
  return error instanceof StoreFault && error.code === code;
}
