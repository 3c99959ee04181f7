import assert from "node:assert/strict";
import { fromFileUrl } from "../support/file_url.ts";
import { until } from "../support/deadline.ts";
import { freePort } from "../support/program.ts";
import { createScratch } from "../support/scratch.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** What a newcomer wants to see move; each as the start of its line. */
const MOVING = [
  "prodigy_workflow_executions_total{",
  "prodigy_workflow_steps_total{",
  "prodigy_step_executions_total{",
  'prodigy_step_validations_total{step_type="test"',
  'prodigy_mapreduce_items_total{job_id="',
  "prodigy_mapreduce_dlq_items{",
  "prodigy_mapreduce_jobs_total{",
  "prodigy_claude_tokens_total{",
  "prodigy_claude_cost_usd_total{",
  "prodigy_claude_errors_total{",
  "prodigy_claude_tool_invocations_total{",
  "prodigy_worktree_pool_size ",
];

function spawnDemo(...args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "demo", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** The metrics that show something else than 0, by the start of their line. */
function shown(exposition: string): readonly string[] {
  const lines = exposition.split("\n").filter((line) => !line.endsWith(" 0"));
  return MOVING.filter((start) => lines.some((line) => line.startsWith(start)));
}

Deno.test("deno task demo shows everything moving, ends on SIGINT and leaves nothing behind", async () => {
  using scratch = createScratch();
  const home = `${scratch.path}/demo`;
  const port = freePort();
  const child = spawnDemo("--speed", "200", "--home", home, "--port", `${port}`);
  const output = child.output();
  try {
    let seen: readonly string[] = [];
    await until("everything moves", async () => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      seen = shown(await response.text());
      return seen.length === MOVING.length;
    }, 60_000).catch((error) => {
      throw new Error(`Not seen to move: ${MOVING.filter((one) => !seen.includes(one)).join(", ")}`, { cause: error });
    });
  } finally {
    child.kill("SIGINT");
  }
  const { code, stdout, stderr } = await output;
  const text = new TextDecoder().decode(stdout);
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0);
  assert.match(text, new RegExp(`http://localhost:${port}/metrics`));
  assert.deepEqual(await Array.fromAsync(Deno.readDir(scratch.path)), []);
});

Deno.test("deno task demo does not touch a directory with something in it", async () => {
  using scratch = createScratch();
  await Deno.writeTextFile(`${scratch.path}/mine`, "");
  const { code, stdout } = await spawnDemo("--home", scratch.path).output();
  assert.equal(code, 2);
  assert.match(new TextDecoder().decode(stdout), /is not empty/);
  assert.deepEqual((await Array.fromAsync(Deno.readDir(scratch.path))).map(({ name }) => name), ["mine"]);
});
