import assert from "node:assert/strict";
import { isUuid } from "../../../lib/store/uuid5.ts";
import { agentCompleted } from "../../support/event_records.ts";
import { at, micros, RECEIVED_MS, stored, storedLine } from "./support.ts";

Deno.test("storeEvent() takes id, time, run and job from the event", () => {
  const event = storedLine({
    id: "708a76b1-2872-4883-a4d2-aafb47803a55",
    timestamp: "2026-11-24T00:07:00.495367182Z",
    correlation_id: "c",
    event: { event_type: "job_paused", job_id: "j" },
  }, "session-1");
  assert.equal(event.id, "708a76b1-2872-4883-a4d2-aafb47803a55");
  assert.equal(event.atMicros, Date.UTC(2026, 10, 24, 0, 7, 0) * 1000 + 495_367);
  assert.equal(event.isTimeFixed, true);
  assert.deepEqual([event.runId, event.jobKey, event.correlationId], ["session-1", "session-1/j", "c"]);
});

Deno.test("storeEvent() gives an event without a time the time it came, and knows that this is not fixed", () => {
  const event = storedLine({ event_type: "job_paused", job_id: "j", id: "x" });
  assert.equal(event.atMicros, RECEIVED_MS * 1000);
  assert.equal(event.isTimeFixed, false);
});

for (const timestamp of ["2026-13-45T00:00:00Z", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z"]) {
  Deno.test(`storeEvent() takes ${timestamp} for no time`, () => {
    assert.equal(storedLine({ event_type: "job_paused", job_id: "j", timestamp }).atMicros, RECEIVED_MS * 1000);
  });
}

Deno.test("storeEvent() knows that the end of an agent is timed by the look that missed its file", () => {
  const seen = stored(agentCompleted("j", "a"), { origin: "state", timestamp: at("09:00:00") });
  const told = stored(agentCompleted("j", "a"), { origin: "line", timestamp: at("09:00:00") });
  assert.deepEqual([seen.isTimeFixed, told.isTimeFixed], [false, true]);
  assert.equal(seen.atMicros, micros("09:00:00"));
});

Deno.test("storeEvent() makes ids and keys that the database can hold", () => {
  const event = storedLine({
    id: "no uuid",
    event_type: "agent_progress",
    job_id: "j\0".repeat(900),
    agent_id: "\ud800",
  });
  assert.ok(isUuid(event.id));
  assert.ok((event.jobKey ?? "").length <= 512);
  assert.doesNotMatch(event.jobKey ?? "", /\0/);
  assert.equal(event.agentId, "\ufffd");
});
