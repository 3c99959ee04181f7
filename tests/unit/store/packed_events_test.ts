import assert from "node:assert/strict";
import { decodeLine } from "../../../lib/event/decode.ts";
import { type EventNotes, packEvents, transferablesOf, unpackEvents } from "../../../lib/store/packed_events.ts";
import { agentStarted, record } from "../../support/event_records.ts";

const NOTES: EventNotes = {
  runId: null,
  repository: null,
  record: null,
  madeId: null,
  receivedAtMs: 5,
  usage: null,
};
const USAGE = { model: "m", workflowName: null, costUsd: 0.5 };
const LINES = ["a", "b", "ü", "d"].map((id) => JSON.stringify({ id, event_type: "job_paused", job_id: `job ${id}` }));

Deno.test("unpackEvents() gives back what packEvents() took, after a way to another thread", () => {
  const fromState = record(agentStarted("j", "a"), { id: null, runId: "session-2" });
  const events: readonly EventNotes[] = [
    { ...NOTES, runId: "session-1" },
    { ...NOTES, runId: "session-1", receivedAtMs: 1_795_000_000_123.5, madeId: "made" },
    { ...NOTES, runId: "session-2", record: fromState },
    { ...NOTES, repository: "app", usage: USAGE },
    { ...NOTES },
  ];
  const [a, b, c, d] = LINES;
  const lines = [a, b, undefined, c, d];
  const packed = packEvents(events, lines.map((line) => new TextEncoder().encode(line ?? "")));
  const sent = structuredClone(packed, { transfer: transferablesOf(packed) });
  assert.equal(sent.count, 5);
  const decoded = (line = "", runId: string | null = null, repository: string | null = null): unknown =>
    decodeLine(line, runId, repository);
  assert.deepEqual(Array.from(unpackEvents(sent), ({ record: own, ...others }) => [own, others]), [
    [decoded(a, "session-1"), { json: JSON.parse(a ?? ""), madeId: null, receivedAtMs: 5, usage: null }],
    [decoded(b, "session-1"), {
      json: JSON.parse(b ?? ""),
      madeId: "made",
      receivedAtMs: 1_795_000_000_123.5,
      usage: null,
    }],
    [fromState, { json: null, madeId: null, receivedAtMs: 5, usage: null }],
    [decoded(c, null, "app"), { json: JSON.parse(c ?? ""), madeId: null, receivedAtMs: 5, usage: USAGE }],
    [decoded(d), { json: JSON.parse(d ?? ""), madeId: null, receivedAtMs: 5, usage: null }],
  ]);
});

Deno.test("unpackEvents() refuses a line that was never decoded", () => {
  const packed = packEvents([NOTES], [new TextEncoder().encode('{"event_type":"nonsense"}')]);
  assert.throws(() => [...unpackEvents(packed)], /no event: unknown_event_type/);
});
