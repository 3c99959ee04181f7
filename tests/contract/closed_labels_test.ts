import assert from "node:assert/strict";
import { CLAUDE_ERROR_TYPE, CLAUDE_SESSION_STATUS, STEP_TYPE } from "../../lib/metrics/table/labels.ts";
import { stepTypeOf } from "../../lib/prodigy/checkpoints.ts";
import { CLAUDE_ERROR_TYPES, CLAUDE_SESSION_STATUSES } from "../../lib/prodigy/claude/error_type.ts";

Deno.test("every error type and status the Claude readers tell has a label value of its own", () => {
  assert.deepEqual(CLAUDE_ERROR_TYPES.filter((type) => !CLAUDE_ERROR_TYPE.values?.includes(type)), []);
  assert.deepEqual(CLAUDE_SESSION_STATUSES.filter((status) => !CLAUDE_SESSION_STATUS.values?.includes(status)), []);
});

Deno.test("every step type the checkpoint reader tells has a label value of its own", () => {
  const commands = [
    "claude: /x",
    "shell: x",
    "test: x",
    "handler: x",
    "write_file: x",
    "unnamed step",
    "/lint",
    "else",
  ];
  assert.deepEqual(commands.map(stepTypeOf).filter((type) => !STEP_TYPE.values?.includes(type)), []);
});
