import assert from "node:assert/strict";
import { listEventFields } from "../../lib/emit/event_line.ts";
import { decodeLine, EVENT_DECODERS } from "../../lib/event/decode.ts";
import type { EventType, WireEventType } from "../../lib/event/event.ts";
import { METRIC_TABLE } from "../../lib/metrics/table/table.ts";
import schema from "../../docs/event-schema.json" with { type: "json" };
import { readDocuments } from "../support/docs/documents.ts";

// The decoders' keys are the type; Object.keys forgets it.
const TYPES = Object.keys(EVENT_DECODERS) as WireEventType[];
const documents = await readDocuments();
const events = documents.find(({ path }) => path === "docs/events.md");
assert.ok(events !== undefined);

interface Row {
  readonly fields: readonly string[];
  readonly optional: readonly string[];
  readonly moves: string;
}
const rows = new Map<string, Row>();
for (const line of events.prose.split("\n")) {
  const [, type, fields = "", moves = ""] = line.split("|").map((cell) => cell.trim());
  const name = /^`([a-z_]+)`$/.exec(type ?? "")?.[1];
  if (name === undefined || !Object.hasOwn(EVENT_DECODERS, name)) continue;
  const found = [...fields.matchAll(/`([a-z0-9_]+)`(\??)/g)];
  rows.set(name, {
    fields: found.map(([, field = ""]) => field),
    optional: found.filter(([, , mark]) => mark === "?").map(([, field = ""]) => field),
    moves,
  });
}

Deno.test("docs/events.md has a row for every event type", () => {
  assert.deepEqual([...rows.keys()].sort(), [...TYPES].sort());
});

for (const type of TYPES) {
  Deno.test(`docs/events.md tells the fields of ${type}, and which may be left out`, () => {
    const row = rows.get(type);
    assert.ok(row !== undefined);
    assert.deepEqual([...row.fields].sort(), [...listEventFields(type)].sort());
    const required = schema.$defs.event.anyOf.find(({ $ref }) => $ref === `#/$defs/${type}`)?.required ?? [];
    const needed = row.fields.filter((field) => !row.optional.includes(field));
    assert.deepEqual(needed.sort(), required.filter((name) => name !== "event_type").sort());
  });

  Deno.test(`docs/events.md tells what ${type} moves`, () => {
    const moved = METRIC_TABLE.filter(({ from }) => (type satisfies EventType) in from).map(({ name }) => name);
    const moves = rows.get(type)?.moves ?? "";
    const named = [...moves.matchAll(/`(prodigy_[a-z_]+)`/g)].map(([, name = ""]) => name);
    assert.deepEqual(named.filter((name) => !moved.includes(name)), []);
    assert.equal(named.length === 0, moved.length === 0, `${moves}, but it moves ${moved.join(", ")}`);
    assert.equal(moves.startsWith("nothing"), moved.length === 0, moves);
  });
}

const lines = documents.flatMap(({ path, blocks }) =>
  blocks.filter(({ language }) => language === "jsonl").flatMap(({ text, line }) =>
    text.trimEnd().split("\n").map((json, index) => ({ json, where: `${path}:${line + index}` }))
  )
);

Deno.test("every event line in the documents is one", () => {
  assert.ok(lines.length > 20);
  for (const { json, where } of lines) assert.ok(!("rejected" in decodeLine(json, null)), where);
});

Deno.test("docs/events.md has an example of each of the exporter's own events", () => {
  const shown = new Set(lines.map(({ json }) => {
    const decoded = decodeLine(json, null);
    return "rejected" in decoded ? "" : decoded.event.type;
  }));
  const own =
    events.prose.split("## Prodigy's events")[0]?.match(/^\| `([a-z_]+)`/gm)?.map((row) => row.slice(3, -1)) ?? [];
  const types = own.filter((name) => Object.hasOwn(EVENT_DECODERS, name));
  assert.equal(types.length, 8);
  assert.deepEqual(types.filter((name) => !shown.has(name as WireEventType)), []);
});
