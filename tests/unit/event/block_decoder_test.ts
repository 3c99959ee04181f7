import assert from "node:assert/strict";
import { BlockDecoder } from "../../../lib/event/block_decoder.ts";

const blockOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The types and reasons a block gives, in order. */
function outcomes(text: string): readonly string[] {
  const seen: string[] = [];
  new BlockDecoder().decode(blockOf(text), null, {
    onRecord: ({ event }) => seen.push(event.type),
    onRejected: ({ rejected }) => seen.push(rejected),
  });
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
  {
    name: "holes before lines",
    text: `\0\0${PAUSED}\n\0\n\0\0\0${MESSAGE}\n${PAUSED.slice(0, 20)}\0${PAUSED.slice(20)}`,
    out: ["job_paused", "claude_message", "bad_json"],
  },
  { name: "a blank that is none to JSON", text: "\u00a0", out: ["bad_json"] },
  {
    name: "lines that would join into one value",
    text: '{"event_type":"claude_message","a":[{}\n{}]}\n{},{}',
    out: ["bad_json", "bad_json", "bad_json"],
  },
];
for (const { name, text, out } of CASES) {
  Deno.test(`BlockDecoder.decode() takes ${name}`, () => assert.deepEqual(outcomes(text), out));
}

Deno.test("BlockDecoder.decode() hands the session to every line", () => {
  const runs: (string | null)[] = [];
  new BlockDecoder().decode(blockOf(`${PAUSED}\n${MESSAGE}`), "session-1", {
    onRecord: ({ runId }) => runs.push(runId),
    onRejected: () => assert.fail(),
  });
  assert.deepEqual(runs, ["session-1", "session-1"]);
});
