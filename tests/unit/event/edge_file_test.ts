import assert from "node:assert/strict";
import { decodeLine } from "../../../lib/event/decode.ts";

const FILE = new URL(
  "../../support/data/prodigy_home/edge/events/demo-app/mapreduce-20261124_120000/events-20261124_120000.jsonl",
  import.meta.url,
);

/** What each line of the file is, in its order; made by reading the file. */
const OUTCOMES = [
  "agent_started",
  "agent_started", // the same id again: for the window of seen ids to drop
  "agent_completed", // of an agent that never started
  "job_started",
  "unknown_event_type: agent_teleported",
  "dlq_item_added",
  "agent_completed",
  "agent_completed clamped",
  "bad_json: ", // "{not json}"
  "bad_json: ", // cut inside an id
];

Deno.test("decodeLine() gives each line of the edge file its outcome", () => {
  const lines = Deno.readTextFileSync(FILE).split("\n").filter((line) => line.trim() !== "");
  const outcomes = lines.map((line) => {
    const result = decodeLine(line, null);
    if ("rejected" in result) return `${result.rejected}: ${result.detail}`;
    return result.event.type + (result.durationClamped ? " clamped" : "");
  });
  assert.deepEqual(outcomes, OUTCOMES);
});
