/** How a column's values travel: as text in PostgreSQL's own array form, whatever driver carries it. */
export type ColumnType = "uuid" | "text" | "micros" | "bigint" | "integer" | "boolean" | "jsonb" | "double precision";

export interface Column<R> {
  readonly name: string;
  readonly type: ColumnType;
  readonly field: keyof R & string;
}

/** A table whose rows are the objects `R`. */
export interface Table<R> {
  readonly name: string;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  readonly columns: readonly Column<R>[];
}

/** A row as it comes from the database, by column name. */
export type RawRow = Readonly<Record<string, unknown>>;

/** What a column's array has in the parameter: times are microseconds since 1970. */
const ARRAY_TYPES: Readonly<Record<ColumnType, string>> = {
  uuid: "uuid[]",
  text: "text[]",
  micros: "bigint[]",
  bigint: "bigint[]",
  integer: "integer[]",
  boolean: "boolean[]",
  jsonb: "text[]",
  "double precision": "double precision[]",
};

/** `unnest($1::…, $2::…) AS x (…)` over parameters that hold one array per column. */
export function unnestSql(columns: readonly { readonly name: string; readonly type: ColumnType }[]): string {
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${ARRAY_TYPES[type]}`);
  return `unnest(${arrays.join(", ")}) AS x (${columns.map(({ name }) => quoted(name)).join(", ")})`;
}

/** The expression for a column of `x`. */
export function valueSql({ name, type }: { readonly name: string; readonly type: ColumnType }): string {
  const value = `x.${quoted(name)}`;
  if (type === "micros") return `'epoch'::timestamptz + ${value} * interval '1 microsecond'`;
  return type === "jsonb" ? `${value}::jsonb` : value;
}

/** Inserts rows, or puts them in the place of those with the same key. */
export function upsertSql<R>(table: Table<R>): string {
  const names = table.columns.map(({ name }) => quoted(name));
  const others = table.columns.filter(({ name }) => !table.key.includes(name)).map(({ name }) => quoted(name));
  return `INSERT INTO ${table.name} (${names.join(", ")})
SELECT ${table.columns.map(valueSql).join(", ")}
FROM ${unnestSql(table.columns)}
ON CONFLICT (${table.key.join(", ")}) DO UPDATE SET ${others.map((name) => `${name} = excluded.${name}`).join(", ")}`;
}

/** Inserts the rows whose key is not there yet. */
export function insertSql<R>(table: Table<R>): string {
  const names = table.columns.map(({ name }) => quoted(name));
  return `INSERT INTO ${table.name} (${names.join(", ")})
SELECT ${table.columns.map(valueSql).join(", ")}
FROM ${unnestSql(table.columns)}
ON CONFLICT DO NOTHING`;
}

/** The rows for which `condition` holds. */
export function selectSql<R>(table: Table<R>, condition: string): string {
  const columns = table.columns.map(({ name, type }) => {
    if (type === "micros") return `(extract(epoch FROM ${quoted(name)}) * 1000000)::bigint AS ${quoted(name)}`;
    return type === "jsonb" ? `${quoted(name)}::text AS ${quoted(name)}` : quoted(name);
  });
  return `SELECT ${columns.join(", ")} FROM ${table.name} WHERE ${condition}`;
}

/** The parameters of `upsertSql` and `insertSql`. */
export function parametersOf<R>(table: Table<R>, rows: readonly R[]): readonly string[] {
  return table.columns.map(({ field }) => arrayLiteral(rows.map((row) => row[field])));
}

/** The object of a row that `selectSql` gave. */
export function readRow<R>(table: Table<R>, raw: RawRow): R {
  const fields = table.columns.map(({ name, type, field }) => [field, readValue(type, raw[name])]);
  // The columns are those of R, each of its type.
  return Object.fromEntries(fields) as R;
}

function readValue(type: ColumnType, value: unknown): unknown {
  // Drivers give 64-bit numbers as text; all of ours are below 2^53.
  return (type === "micros" || type === "bigint") && typeof value === "string" ? Number(value) : value;
}

/** PostgreSQL's text form of an array of numbers, texts, booleans and NULLs. */
export function arrayLiteral(values: readonly unknown[]): string {
  let literal = "";
  for (const value of values) {
    if (value === null || value === undefined) literal += ",NULL";
    else if (typeof value !== "string") literal += `,${value}`;
    else if (value.includes('"') || value.includes("\\")) literal += `,"${value.replace(/["\\]/g, "\\$&")}"`;
    else literal += `,"${value}"`;
  }
  return `{${literal.slice(1)}}`;
}

function quoted(name: string): string {
  return name === "timestamp" ? '"timestamp"' : name;
}
