import type { RawRow } from "./table_sql.ts";

/** Runs one statement; `$1`… stand for the parameters, which travel as text. */
export type Query = (sql: string, parameters?: readonly string[]) => Promise<readonly RawRow[]>;

/** One connection to the database. */
export interface Connection {
  readonly query: Query;
  /**
   * Commits what `work` did, or undoes it when it throws.
   *
   * @throws {StoreFault}
   */
  transaction<T>(work: (query: Query) => Promise<T>, limitMs?: number): Promise<T>;
}

/**
 * All writers of a database take turns in what follows from new events, so that reading rows, changing and writing them
 * is one step. It is taken after the events were inserted, and nothing else after it.
 */
export const WRITER_LOCK = 0x50524f44; // "PROD"
export const MIGRATION_LOCK = 0x50524f4d; // "PROM"
