import assert from "node:assert/strict";
import fc from "fast-check";
import { captured } from "../../lib/metrics/capture.ts";
import { BlockDecoder } from "../../lib/event/block_decoder.ts";
import { decodeLine, decodeValue } from "../../lib/event/decode.ts";
import { type EventRecord, ownRecord } from "../../lib/event/record.ts";
import { REJECT_REASONS, type Rejected } from "../../lib/event/rejected.ts";
import { SeenIds } from "../../lib/event/seen_ids.ts";
import { SAMPLE_LIST } from "../support/wire_events.ts";

/** Good lines, good lines cut or with a piece put in, pieces of JSON, any text. */
const goodLine = fc.constantFrom(...SAMPLE_LIST).map(([type, { wire }]) =>
  JSON.stringify({ id: type, event: { event_type: type, ...wire } })
);
const piece = fc.constantFrom(
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "{}",
  "[{}",
  "{}]}",
  '{"a":[{}',
  "1,2",
  " ",
  "\t",
  "\r",
);
const damagedLine = fc.tuple(goodLine, fc.nat(), piece, fc.boolean()).map(([line, at, put, isCut]) => {
  const cut = at % line.length;
  return line.slice(0, cut) + put + (isCut ? "" : line.slice(cut));
});
const anyLine = fc.oneof(
  goodLine,
  damagedLine,
  fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", " ")),
  fc.json(),
);

function checkResult(result: EventRecord | Rejected): void {
  if ("rejected" in result) assert.ok(REJECT_REASONS.includes(result.rejected));
  else assert.equal(result.origin, "line");
}

Deno.test("decodeLine() never throws on any string", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), anyLine), (line) => {
      checkResult(decodeLine(line, null));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("decodeValue() never throws on any JSON value, also in the place of any field", () => {
  const sample = fc.constantFrom(...SAMPLE_LIST);
  fc.assert(
    fc.property(sample, fc.jsonValue(), fc.nat(), fc.boolean(), ([type, { wire }], value, at, isEnvelope) => {
      checkResult(decodeValue(value, null));
      checkResult(decodeValue({ event: value }, null));
      checkResult(decodeValue({ [type]: value, event_type: type }, null));
      const event = { event_type: type, ...wire };
      const names = Object.keys(event);
      const changed = { ...event, [names[at % names.length] ?? ""]: value };
      checkResult(decodeValue(isEnvelope ? { event: changed, metadata: value } : changed, null));
    }),
    { numRuns: 500 },
  );
});

Deno.test("BlockDecoder.decode() gives what decodeLine() gives for each line, in order", () => {
  fc.assert(
    fc.property(fc.array(anyLine, { maxLength: 20 }), (lines) => {
      const results: (EventRecord | Rejected)[] = [];
      const keep = (record: EventRecord): number => results.push(ownRecord(record));
      const push = (rejected: Rejected): number => results.push(rejected);
      const block = new TextEncoder().encode(lines.join("\n"));
      new BlockDecoder().decode(block, "run", { onRecord: keep, onRejected: push });
      // NUL bytes before a line are a hole in its file.
      const plain = lines.map((line) => line.replace(/^\0+/, "")).filter((line) => !/^[ \t\r]*$/.test(line))
        .map((line) => decodeLine(line.toWellFormed(), "run"));
      assert.deepEqual(results, plain);
    }),
    { numRuns: 500 },
  );
});

Deno.test("SeenIds agrees with a set of ids within its window", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), steps, fc.nat(200), (capacity, numbers, savedAt) => {
      let seen = new SeenIds(capacity);
      const newestLast: string[] = [];
      for (const [step, number] of numbers.entries()) {
        if (step === savedAt) seen = SeenIds.load(captured(seen.capture()), capacity);
        const id = `id-${number}`;
        const isNew = seen.add(id);
        // Rank 0 is the newest; within `capacity` an id must be remembered, from twice that on it must be forgotten.
        const at = newestLast.lastIndexOf(id);
        const rank = at === -1 ? Infinity : newestLast.length - 1 - at;
        if (rank < capacity) assert.equal(isNew, false, `${id} at rank ${rank} of ${capacity}`);
        if (rank >= 2 * capacity) assert.equal(isNew, true, `${id} at rank ${rank} of ${capacity}`);
        if (at !== -1) newestLast.splice(at, 1);
        newestLast.push(id);
      }
    }),
    { numRuns: 500 },
  );
});
