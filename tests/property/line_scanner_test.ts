import assert from "node:assert/strict";
import fc from "fast-check";
import { BlockDecoder } from "../../lib/event/block_decoder.ts";
import { decodeLine } from "../../lib/event/decode.ts";
import { type EventRecord, ownRecord } from "../../lib/event/record.ts";
import type { Rejected } from "../../lib/event/rejected.ts";
import { IdHash } from "../../lib/event/id_hash.ts";
import { LineScanner } from "../../lib/event/line_scanner.ts";
import { parseTimestampSeconds } from "../../lib/event/timestamp.ts";
import { WIRE_FIELD_NAMES } from "../../lib/event/wire.ts";
import { SAMPLE_LIST } from "../support/wire_events.ts";

/** A line in the form Prodigy writes. */
function prodigyLine(type: string, members: object, metadata: object | null = { host: "localhost", pid: 7 }): string {
  return JSON.stringify({
    id: "708a76b1-2872-4883-a4d2-aafb47803a55",
    timestamp: "2026-11-24T00:07:00.495367182Z",
    correlation_id: "45ebfb62-af20-4027-8d2f-8f60deb62ecb",
    event: { event_type: type, ...members },
    ...metadata === null ? {} : { metadata },
  });
}

/** Also checks what the decoder tells beside the record. */
function decodeBytes(bytes: Uint8Array): readonly (EventRecord | Rejected)[] {
  const results: (EventRecord | Rejected)[] = [];
  const decoder = new BlockDecoder();
  decoder.decode(bytes, "run", {
    onRecord: (record) => {
      results.push(ownRecord(record));
      const { atSeconds, idHash } = decoder;
      if (atSeconds !== null) assert.equal(atSeconds, parseTimestampSeconds(record.timestamp ?? ""));
      const hash = record.id === null ? null : new IdHash().ofText(record.id);
      assert.deepEqual([idHash?.high, idHash?.low], [hash?.high, hash?.low]);
    },
    onRejected: (rejected) => results.push(rejected),
  });
  return results;
}

function decodePlainly(bytes: Uint8Array): readonly (EventRecord | Rejected)[] {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n")
    .filter((line) => !/^[ \t\r]*$/.test(line)).map((line) => decodeLine(line, "run"));
}

function scans(line: string): boolean {
  const scanner = new LineScanner();
  scanner.load(new TextEncoder().encode(line));
  return scanner.scan(0);
}

const NEWLINE = 0x0a;

/** Checks all lines in one block; comparing texts is much faster than comparing objects. */
function checkAll(lines: readonly Uint8Array[], message: string): void {
  const block = new Uint8Array(lines.flatMap((line) => [...line, NEWLINE]));
  const plain = JSON.stringify(decodePlainly(block));
  assert.equal(JSON.stringify(decodeBytes(block)), plain, message);
  assert.equal(JSON.stringify(decodeBytes(inBuffer(block))), plain, `${message}, within what was read`);
}

/** The block without its last newline, as it lies in what was read: between other lines. */
function inBuffer(block: Uint8Array): Uint8Array {
  const before = new TextEncoder().encode('{"id":"1"}\n');
  const after = new TextEncoder().encode('","session_id":"s"}}'.repeat(5));
  const buffer = new Uint8Array([...before, ...block, ...after]);
  return buffer.subarray(before.length, before.length + block.length - 1);
}

for (const [type, { wire }] of SAMPLE_LIST) {
  const line = new TextEncoder().encode(prodigyLine(type, wire));

  Deno.test(`the scanner makes the same of a ${type} line as JSON.parse, cut anywhere`, () => {
    checkAll(Array.from(line, (_, end) => line.subarray(0, end)), "cut");
  });

  Deno.test(`the scanner makes the same of a ${type} line as JSON.parse, with any byte changed`, () => {
    const put = [...new TextEncoder().encode('"\\},0 \n'), 0xc3];
    for (const byte of put) {
      checkAll(
        Array.from(line, (_, at) => {
          const changed = line.slice();
          changed[at] = byte;
          return changed;
        }),
        `byte ${byte}`,
      );
    }
  });
}

const name = fc.oneof(
  fc.constantFrom(...WIRE_FIELD_NAMES),
  fc.constantFrom("session_id", "metadata", "event", "id", "__proto__", "job\\u005fid", "commits", "", "a", "Job_id"),
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 70 }).map((value) => value.toWellFormed()),
  fc.constantFrom("", "abc", "abcd", "x".repeat(64), "x".repeat(65), 'say "hi"\n\\', "\u007f", "é", "日本"),
);
const number = fc.oneof(
  fc.constantFrom("0", "-0", "00", "01", "1.", ".5", "1e5", "1E+5", "1e", "-", "-1", "+1", "1e400", "0x1", "NaN"),
  fc.constantFrom("999999999999999", "9999999999999999", "9007199254740993", "12345678901234567890", "0.1", "10.50"),
  fc.nat().map(String),
  fc.double().map((value) => JSON.stringify(value)),
);
/** JSON texts of values, of which some are no JSON. */
const value = fc.oneof(
  text.map((one) => JSON.stringify(one)),
  number,
  fc.tuple(number, number).map(([a, b]) => `[${a},${b}]`),
  fc.constantFrom("null", "true", "false", "nulL", "tru", "fals", "[]", "[,]", "{}", "[[[]]]", '{"a":1,}', "[1,]"),
  fc.json(),
  fc.constantFrom("[".repeat(40) + "]".repeat(40), '"\\x"', '"\\u12g4"', '"\\u00e9"', '"\t"'),
);
const goodValue = fc.constantFrom('"abc"', "3", "null", "[1,2]", "true", '{"a":[1.5,"x\\n"]}');
const members = fc.array(fc.tuple(name, fc.oneof({ weight: 3, arbitrary: goodValue }, value)), { maxLength: 5 })
  .map((list) => list.map(([key, one]) => `,"${key}":${one}`).join(""));
const id = fc.oneof({ weight: 4, arbitrary: fc.constant("45ebfb62-af20-4027-8d2f-8f60deb62ecb") }, text);
const envelope = fc.tuple(
  id,
  fc.constantFrom("2026-11-24T00:07:00Z", "2026-11-24T00:07:00.495367182Z", "now"),
  id,
  fc.constantFrom(...SAMPLE_LIST),
  fc.boolean(),
  members,
  fc.oneof(fc.constant(""), members.map((list) => `,"metadata":{${list.slice(1)}}`)),
).map(([own, time, correlation, [type, { wire }], isWhole, more, metadata]) => {
  const fields = isWhole ? "," + JSON.stringify(wire).slice(1, -1) : "";
  return `{"id":${JSON.stringify(own)},"timestamp":"${time}","correlation_id":${JSON.stringify(correlation)},` +
    `"event":{"event_type":"${type}"${fields}${more}}${metadata}}`;
});

Deno.test("the scanner makes the same of any line in Prodigy's form as JSON.parse, one line after another", () => {
  let scanned = 0;
  let lines = 0;
  fc.assert(
    fc.property(fc.array(envelope, { minLength: 1, maxLength: 6 }), (list) => {
      const bytes = new TextEncoder().encode(list.map((line) => line.replaceAll("\n", "")).join("\n"));
      assert.deepEqual(decodeBytes(bytes), decodePlainly(bytes));
      lines += list.length;
      scanned += list.filter(scans).length;
    }),
    { numRuns: 2000 },
  );
  // Else it would prove nothing.
  assert.ok(scanned > lines / 20, `${scanned} of ${lines} scanned`);
});

Deno.test("the scanner takes what Prodigy writes, so that JSON.parse need not", () => {
  // A duration as an object is what std::time::Duration would be; Prodigy's events have chrono's.
  const other = SAMPLE_LIST.filter(([type, { wire }]) => !scans(prodigyLine(type, wire))).map(([type]) => type);
  const isOther = (fields: object): boolean => "duration" in fields && !Array.isArray(fields.duration);
  assert.deepEqual(
    other,
    SAMPLE_LIST.filter(([, { wire }]) => isOther(wire) && typeof wire["duration"] === "object").map(([type]) => type),
  );
  assert.ok(scans(prodigyLine("claude_message", { content: 'a "quote"\nand é'.replace("é", "e") }, null)));
});

Deno.test("the scanner leaves a line to JSON.parse that names its session itself", () => {
  assert.ok(!scans(prodigyLine("job_paused", { job_id: "j" }, { session_id: "s" })));
  assert.ok(!scans(prodigyLine("job_paused", { job_id: "j" }, { pid: 1, session_id: "s" })));
});
