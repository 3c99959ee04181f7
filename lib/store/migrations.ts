import workflowsAndJobs from "./schema/0001_workflows_and_jobs.sql" with { type: "text" };
import agentsAndClaude from "./schema/0002_agents_and_claude.sql" with { type: "text" };
import events from "./schema/0003_events.sql" with { type: "text" };
import abandoned from "./schema/0004_abandoned.sql" with { type: "text" };

/** One step of the schema. Released ones never change: what is wrong in one is mended by the next. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: "workflows_and_jobs", sql: workflowsAndJobs },
  { version: 2, name: "agents_and_claude", sql: agentsAndClaude },
  { version: 3, name: "events", sql: events },
  { version: 4, name: "abandoned", sql: abandoned },
];

export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** Holds which migrations were applied. Its name is ours alone, as the database may serve other programs, too. */
export const CREATE_VERSIONS_TABLE = `CREATE TABLE IF NOT EXISTS prodigy_schema_migrations (
  version integer PRIMARY KEY,
  name text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);`;

export function describeMigration({ version, name, sql }: Migration): string {
  return `-- ${version} ${name}\n\n${sql.trim()}\n\n` +
    `INSERT INTO prodigy_schema_migrations (version, name) VALUES (${version}, '${name}');\n`;
}

const PRINTED_FOR =
  "-- For an empty database. For one that has some of these steps: leave out those that are listed in its\n" +
  "-- table prodigy_schema_migrations.\n";

/** All of the schema as a script for psql: for administrators who apply it themselves. */
export function describeMigrations(): string {
  const steps = MIGRATIONS.map(describeMigration);
  return [PRINTED_FOR, "BEGIN;\n", `${CREATE_VERSIONS_TABLE}\n`, ...steps, "COMMIT;\n"].join("\n");
}
