import assert from "node:assert/strict";
import { parseEmitArgs } from "../../../lib/emit/emit_args.ts";

const DEFAULTS = { kind: "event", target: { kind: "socket", path: null }, timeoutMs: 5000 };

for (
  const { args, request } of [
    { args: "workflow_started", request: { ...DEFAULTS, eventType: "workflow_started", fields: new Map() } },
    {
      args: "step_completed --step-index 3 --command=--help=x --on-failure-recovered --duration -1",
      request: {
        ...DEFAULTS,
        eventType: "step_completed",
        fields: new Map([
          ["step_index", "3"],
          ["command", "--help=x"],
          ["on_failure_recovered", null],
          ["duration", "-1"],
        ]),
      },
    },
    {
      args: "--socket /run/x claude_message --timeout 0.5",
      request: {
        ...DEFAULTS,
        target: { kind: "socket", path: "/run/x" },
        timeoutMs: 500,
        eventType: "claude_message",
        fields: new Map(),
      },
    },
    { args: "--stdin --file x", request: { kind: "stdin", target: { kind: "file", path: "x" }, timeoutMs: 5000 } },
    { args: "whatever --help", request: { kind: "help" } },
    { args: "--help whatever", request: { kind: "help" } },
    { args: "-h", request: { kind: "help" } },
    {
      args: "workflow_started --workflow-name --workflow-id=",
      request: {
        ...DEFAULTS,
        eventType: "workflow_started",
        fields: new Map([["workflow_name", null], ["workflow_id", ""]]),
      },
    },
  ]
) {
  Deno.test(`parseEmitArgs() reads ${args}`, () => {
    assert.deepEqual(parseEmitArgs(args.split(" ")), request);
  });
}

for (
  const { args, problem } of [
    { args: "", problem: /which event/ },
    { args: "a b", problem: /"b" belongs to no flag/ },
    { args: "a --status x --status y", problem: /--status is given twice/ },
    { args: "a --socket x --file y", problem: /cannot be given together/ },
    { args: "a --timeout soon", problem: /--timeout must be/ },
    { args: "a --timeout 0", problem: /--timeout must be/ },
    { args: "--stdin workflow_started", problem: /--stdin takes whole lines/ },
    { args: "a --socket --status x", problem: /--socket has no value: write one after it/ },
    { args: "a --file", problem: /--file has no value/ },
    { args: "a --timeout --file x", problem: /--timeout has no value/ },
    { args: "--stdin=x", problem: /--stdin takes no value/ },
    { args: "--stdin --status x", problem: /--stdin takes whole lines/ },
  ]
) {
  Deno.test(`parseEmitArgs() refuses "${args}"`, () => {
    const parsed = parseEmitArgs(args.split(" ").filter((arg) => arg !== ""));
    assert.match("problem" in parsed ? parsed.problem : "", problem);
  });
}
