import { Ajv2020 } from "ajv/dist/2020.js";
import assert from "node:assert/strict";
import fc from "fast-check";
import schema from "../../docs/event-schema.json" with { type: "json" };
import { decodeValue, EVENT_DECODERS } from "../../lib/event/decode.ts";
import { tagOf } from "../../lib/event/tagged.ts";
import { parseTimestampSeconds } from "../../lib/event/timestamp.ts";
import { SAMPLE_LIST, type WireObject } from "../support/wire_events.ts";

// strictTypes wants a "type" beside every keyword, strictRequired every required name among "properties" there.
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
const isValidLine = ajv.compile(schema);

function isDecoded(line: unknown): boolean {
  return !("rejected" in decodeValue(line, null));
}

/** Schema and decoders must say the same of a line. */
function assertVerdict(line: unknown, verdict: boolean): void {
  assert.deepEqual({ schema: isValidLine(line), decoder: isDecoded(line) }, { schema: verdict, decoder: verdict });
}

/** What the schema says of one type: the alternatives of `$defs.event` by event_type. */
interface TypeRule {
  readonly names: readonly string[];
  readonly required: readonly string[];
  readonly def: string;
}
const RULES: readonly TypeRule[] = schema.$defs.event.anyOf.map(({ $ref, required, properties: { event_type } }) => ({
  names: "const" in event_type ? [event_type.const] : event_type.enum,
  required: required.filter((name) => name !== "event_type"),
  def: $ref.replace("#/$defs/", ""),
}));

interface Definition {
  readonly type?: unknown;
  readonly anyOf?: unknown;
  readonly $ref?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, object>>;
}
const DEFINITIONS: Readonly<Record<string, Definition>> = schema.$defs;

/** Fields of a type that have a rule in the schema: those the decoder reads. */
function ruledFields(def: string): readonly string[] {
  return Object.entries(DEFINITIONS[def]?.properties ?? {})
    .filter(([, rule]) => Object.keys(rule).some((key) => key !== "description"))
    .map(([name]) => name);
}

function without(object: WireObject, name: string): WireObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}

/** Values of every JSON type, and the edges of those that occur. */
const PROBES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e300,
  2 ** 53,
  "",
  "x",
  "success",
  "passed",
  [],
  [1],
  [1, 2],
  [-1, 999999999],
  [1, 1e9],
  [1, 2, 3],
  [1.5, 0],
  ["1", "2"],
  {},
  { secs: 1 },
  { secs: 1, nanos: 5 },
  { secs: 1, nanos: -5 },
  { nanos: 5 },
];

Deno.test("the schema takes every line Prodigy's own serializer wrote, and so does the decoder", () => {
  const text = Deno.readTextFileSync(new URL("../support/data/all_variants.jsonl", import.meta.url));
  const lines = text.trimEnd().split("\n").map((line): WireObject => JSON.parse(line));
  assert.equal(new Set(lines.map(({ event }) => (event as WireObject)["event_type"])).size, 27);
  for (const line of lines) assertVerdict(line, true);
});

Deno.test("the schema has the event types of the decoders, in three spellings, and no other", () => {
  const types = Object.keys(EVENT_DECODERS).toSorted();
  const names = types.flatMap((type) => type.startsWith("dlq_") ? [type, type.replace("dlq_", "d_l_q_")] : [type]);
  assert.deepEqual(RULES.map(({ def }) => def).toSorted(), types);
  assert.deepEqual(RULES.flatMap((rule) => rule.names).toSorted(), names.toSorted());
  assert.deepEqual(Object.keys(schema.$defs.tagged_event.properties).toSorted(), types.map(tagOf).toSorted());
});

for (const [type, { wire }] of SAMPLE_LIST) {
  const rule = RULES.find(({ def }) => def === type);
  assert.ok(rule !== undefined, type);

  Deno.test(`schema and decoder both take ${type} in every form`, () => {
    for (const name of rule.names) {
      const event = { event_type: name, ...wire };
      assertVerdict({ id: "i", timestamp: "2026-11-24T00:08:15.5Z", correlation_id: "c", event, metadata: {} }, true);
      assertVerdict({ event, unknown: 1 }, true);
      assertVerdict({ ...event, id: "i", unknown: [] }, true);
    }
    assertVerdict({ [tagOf(type)]: wire }, true);
    assertVerdict({ id: "i", event: { [tagOf(type)]: wire } }, true);
  });

  Deno.test(`schema and decoder both need the required fields of ${type}, and only those`, () => {
    for (const name of Object.keys(wire)) {
      const event = { event_type: type, ...without(wire, name) };
      assertVerdict(event, !rule.required.includes(name));
      assertVerdict({ event: { ...event, [name]: null } }, !rule.required.includes(name));
      if (!rule.required.includes(name)) continue;
      assert.deepEqual(decodeValue(event, null), { rejected: "missing_field", detail: name });
    }
  });

  Deno.test(`schema and decoder agree on every value of every field of ${type}`, () => {
    assert.ok(ruledFields(type).every((name) => name in wire), "the sample has every field that is read");
    for (const name of Object.keys(wire).filter((field) => field !== "timestamp")) {
      for (const value of PROBES) {
        const changed = { ...wire, [name]: value };
        for (const line of [{ event_type: type, ...changed }, { event: { [tagOf(type)]: changed } }]) {
          assertVerdict(line, isDecoded(line));
        }
      }
    }
  });
}

const FORMS: readonly { readonly name: string; readonly line: unknown; readonly verdict: boolean }[] = [
  { name: "no object", line: [], verdict: false },
  { name: "an empty object", line: {}, verdict: false },
  { name: "an event that is none", line: { event: 5 }, verdict: false },
  { name: "an untyped event", line: { event: {} }, verdict: false },
  { name: "a type that is no text", line: { event: { event_type: 5 } }, verdict: false },
  { name: "a new type", line: { event_type: "agent_teleported" }, verdict: false },
  { name: "a new tag", line: { AgentTeleported: {} }, verdict: false },
  { name: "two tags", line: { ClaudeMessage: {}, JobPaused: { job_id: "j" } }, verdict: false },
  { name: "a tag beside a type of null", line: { event: { event_type: null, ClaudeMessage: {} } }, verdict: false },
  { name: "a tag alone", line: { ClaudeMessage: {} }, verdict: true },
  { name: "a tag in an envelope", line: { id: "i", event: { ClaudeMessage: {} } }, verdict: true },
  { name: "a tag with its job", line: { AgentStarted: { job_id: "j", agent_id: "a" } }, verdict: true },
  { name: "a tag whose agent names the job", line: { AgentStarted: { agent_id: "j_agent_0" } }, verdict: true },
  { name: "a tag without a job", line: { AgentStarted: { agent_id: "a" } }, verdict: false },
  { name: "a tag with a job of null", line: { AgentStarted: { job_id: null, agent_id: "j_agent_0" } }, verdict: false },
  {
    name: "a tag whose envelope names the job",
    line: { job_id: "j", event: { AgentFailed: { agent_id: "a" } } },
    verdict: true,
  },
  {
    name: "a tag whose envelope has a number for the job",
    line: { job_id: 5, event: { AgentFailed: { agent_id: "a" } } },
    verdict: false,
  },
  { name: "a typed event without its job", line: { job_id: "j", event: { event_type: "job_paused" } }, verdict: false },
  { name: "an envelope around a bad event", line: { event: {}, event_type: "claude_message" }, verdict: false },
  { name: "a bare event beside a word", line: { event: "x", event_type: "claude_message" }, verdict: true },
  { name: "an id of null", line: { id: null, event_type: "claude_message" }, verdict: true },
  { name: "an id that is a number", line: { id: 1, event_type: "claude_message" }, verdict: false },
  { name: "a correlation that is a list", line: { correlation_id: [], event: { ClaudeMessage: {} } }, verdict: false },
  { name: "a time that is a number", line: { timestamp: 1, event_type: "claude_message" }, verdict: false },
  { name: "a time that is a word", line: { timestamp: "now", event: { ClaudeMessage: {} } }, verdict: false },
  {
    name: "a session in the metadata",
    line: { event: { ClaudeMessage: {} }, metadata: { session_id: "s" } },
    verdict: true,
  },
  { name: "odd metadata", line: { event: { ClaudeMessage: {} }, session_id: 5, metadata: "x" }, verdict: true },
];
for (const { name, line, verdict } of FORMS) {
  Deno.test(`schema and decoder both ${verdict ? "take" : "refuse"} ${name}`, () => assertVerdict(line, verdict));
}

Deno.test("the schema's timestamps are those that parse, but for days a month does not have", () => {
  const pattern = new RegExp(schema.$defs.timestamp.pattern);
  const part = fc.constantFrom("00", "01", "12", "13", "23", "24", "29", "59", "60", "61", "x1");
  const end = fc.constantFrom("Z", "z", ".5Z", ".123456789Z", ".1234567890Z", ".Z", "+01:00", "-24:00", "", "+0100");
  fc.assert(fc.property(part, part, part, part, part, end, (month, day, hour, minute, second, zone) => {
    const text = `2024-${month}-${day}T${hour}:${minute}:${second}${zone}`;
    assert.equal(parseTimestampSeconds(text) !== null, pattern.test(text), text);
  }));
});
