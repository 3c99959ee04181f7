import assert from "node:assert/strict";
import {
  arrayLiteral,
  insertSql,
  parametersOf,
  readRow,
  selectSql,
  type Table,
  upsertSql,
} from "../../../lib/store/table_sql.ts";

interface Row {
  readonly id: string;
  readonly atMicros: number | null;
  readonly data: string | null;
}
const TABLE: Table<Row> = {
  name: "things",
  key: ["id"],
  columns: [
    { name: "id", type: "uuid", field: "id" },
    { name: "timestamp", type: "micros", field: "atMicros" },
    { name: "data", type: "jsonb", field: "data" },
  ],
};

Deno.test("arrayLiteral() quotes what an array literal needs quoted", () => {
  const values = [
    "plain",
    "",
    "null",
    'q"uote',
    "back\\slash",
    "a,b",
    "{}",
    "new\nline",
    5,
    1.5,
    true,
    null,
    undefined,
  ];
  assert.equal(
    arrayLiteral(values),
    '{"plain","","null","q\\"uote","back\\\\slash","a,b","{}","new\nline",5,1.5,true,NULL,NULL}',
  );
});

Deno.test("upsertSql() replaces every column but the key", () => {
  assert.equal(
    upsertSql(TABLE),
    `INSERT INTO things (id, "timestamp", data)
SELECT x.id, 'epoch'::timestamptz + x."timestamp" * interval '1 microsecond', x.data::jsonb
FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS x (id, "timestamp", data)
ON CONFLICT (id) DO UPDATE SET "timestamp" = excluded."timestamp", data = excluded.data`,
  );
});

Deno.test("insertSql() leaves rows that are there", () => {
  assert.match(insertSql(TABLE), /ON CONFLICT DO NOTHING$/);
});

Deno.test("parametersOf() has an array for each column", () => {
  const rows = [{ id: "a", atMicros: 5, data: '{"x":1}' }, { id: "b", atMicros: null, data: null }];
  assert.deepEqual(parametersOf(TABLE, rows), ['{"a","b"}', "{5,NULL}", '{"{\\"x\\":1}",NULL}']);
});

Deno.test("readRow() reads what selectSql() asks for", () => {
  assert.match(selectSql(TABLE, "true"), /\(extract\(epoch FROM "timestamp"\) \* 1000000\)::bigint AS "timestamp"/);
  const raw = { id: "a", timestamp: "1795478643740123", data: "{}" };
  assert.deepEqual(readRow(TABLE, raw), { id: "a", atMicros: 1795478643740123, data: "{}" });
  assert.deepEqual(readRow(TABLE, { id: "a", timestamp: null, data: null }), { id: "a", atMicros: null, data: null });
});
