import { type Connection, MIGRATION_LOCK, type Query } from "./connection.ts";
import { StoreFault } from "./fault.ts";
import { CREATE_VERSIONS_TABLE, describeMigration, type Migration } from "./migrations.ts";

export interface MigrationResult {
  /** Schema version before; 0 for none. */
  readonly from: number;
  readonly to: number;
}

/**
 * Brings the schema up to date: all missing migrations in one transaction, one program at a time.
 *
 * @throws {StoreFault} when the database's schema is newer than this program knows, or it may not be changed
 */
export async function migrate(connection: Connection, migrations: readonly Migration[]): Promise<MigrationResult> {
  const to = migrations.length;
  const from = await readVersion(connection.query);
  checkNotNewer(from, to);
  if (from === to) return { from, to };
  return await connection.transaction(async (query) => {
    await query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    // Another exporter may have been faster.
    const from = await readVersion(query);
    checkNotNewer(from, to);
    if (from === 0) await query(CREATE_VERSIONS_TABLE);
    for (const migration of migrations.filter(({ version }) => version > from)) {
      await query(describeMigration(migration));
    }
    return { from, to };
  }, LIMIT_MS);
}

/** Indexes on large tables take their time. */
const LIMIT_MS = 30 * 60_000;

/** 0 when there is no schema. */
async function readVersion(query: Query): Promise<number> {
  // Not to_regclass(): it may remember that there was none, from before another exporter's migration was waited for.
  const tables = await query(
    "SELECT oid FROM pg_class WHERE relname = 'prodigy_schema_migrations' AND pg_table_is_visible(oid)",
  );
  if (tables.length === 0) return 0;
  const [row] = await query("SELECT coalesce(max(version), 0) AS version FROM prodigy_schema_migrations");
  return Number(row?.["version"] ?? 0);
}

function checkNotNewer(version: number, known: number): void {
  if (version <= known) return;
  throw new StoreFault(
    "server",
    "NEWER_SCHEMA",
    `Cannot use the database as its schema is version ${version} and this program knows up to ${known}: ` +
      "update prodigy-exporter, or give it another database",
  );
}
