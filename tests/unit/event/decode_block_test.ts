import assert from "node:assert/strict";
import { decodeBlock } from "../../../lib/event/decode_block.ts";

/** The types and reasons a block gives, in order. */
function outcomes(text: string): readonly string[] {
  const seen: string[] = [];
  decodeBlock(text, null, ({ event }) => seen.push(event.type), ({ rejected }) => seen.push(rejected));
  return seen;
}

const PAUSED = '{"event_type":"job_paused","job_id":"j"}';
const MESSAGE = '{"event_type":"claude_message"}';

const CASES: readonly { readonly name: string; readonly text: string; readonly out: readonly string[] }[] = [
  { name: "nothing", text: "", out: [] },
  { name: "one line", text: PAUSED, out: ["job_paused"] },
  { name: "lines in their order", text: `${PAUSED}\n${MESSAGE}\nx`, out: ["job_paused", "claude_message", "bad_json"] },
  { name: "blank lines", text: `\n  \n${PAUSED}\n\t\r\n\n${MESSAGE}\n`, out: ["job_paused", "claude_message"] },
  { name: "carriage returns", text: `${PAUSED}\r\n${MESSAGE}\r`, out: ["job_paused", "claude_message"] },
  { name: "a blank that is none to JSON", text: "\u00a0", out: ["bad_json"] },
  {
    name: "lines that would join into one value",
    text: '{"event_type":"claude_message","a":[{}\n{}]}\n{},{}',
    out: ["bad_json", "bad_json", "bad_json"],
  },
];
for (const { name, text, out } of CASES) {
  Deno.test(`decodeBlock() takes ${name}`, () => assert.deepEqual(outcomes(text), out));
}

Deno.test("decodeBlock() hands the session to every line", () => {
  const runs: (string | null)[] = [];
  decodeBlock(`${PAUSED}\n${MESSAGE}`, "session-1", ({ runId }) => runs.push(runId), () => assert.fail());
  assert.deepEqual(runs, ["session-1", "session-1"]);
});
