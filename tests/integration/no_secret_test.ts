import assert from "node:assert/strict";
import { append, eventLine } from "../support/event_lines.ts";
import { type Program, runProgram, startProgram } from "../support/program.ts";
import { copySampleHome, createScratch } from "../support/scratch.ts";

/** In everything that is planted, and in the environment that the sample checkpoints hold. */
const MARKERS = ["LEAK-", "sk-SECRET", "MUST-NOT-LEAK"];
/** Prompts, commands, answers and error texts of the samples. */
const SAMPLE_TEXTS = [
  "/fix file2.rs",
  "cargo build",
  "cargo fmt",
  "E0425",
  "Merge to parent",
  "file7.rs",
  "src/main.rs",
];

const RUN = "workflow-1795507800000";
const JOB = "mapreduce-20261124_090000";
const SESSION = "session-d413ffc6-38f7-4030-be28-02d6e66a3733";
const AGENT_CWD = `/home/dev/.prodigy/worktrees/${SESSION}/mapreduce-agent-${JOB}_agent_2`;

/** Puts a secret wherever the readers' files have room for text that is not theirs. */
async function plantSecrets(home: string): Promise<void> {
  const prodigy = `${home}/.prodigy`;
  await edit(`${prodigy}/sessions/${RUN}.json`, (session) => {
    session["error"] = "LEAK-session-error";
    session["metadata"] = { ...session["metadata"] as object, note: "LEAK-session-metadata" };
    session["timings"] = { "shell: curl -H LEAK-session-timing": { secs: 1, nanos: 0 } };
    session["workflow_data"] = { ...session["workflow_data"] as object, variables: { TOKEN: "LEAK-session-variable" } };
    session["checkpoints"] = [{ id: "c", created_at: "2026-11-24T08:10:00Z", state: { key: "LEAK-session-state" } }];
  });
  const checkpoint = `${prodigy}/state/${RUN}/checkpoints/workflow-1795507800031.checkpoint.json`;
  await edit(checkpoint, (json) => {
    json["completed_steps"] = (json["completed_steps"] as Record<string, unknown>[]).map((step) => ({
      ...step,
      command: `${step["command"]} LEAK-step-command`,
      output: "LEAK-step-output",
      captured_variables: { secret: "LEAK-captured" },
    }));
    json["variable_state"] = { token: "LEAK-variable" };
  });
  await edit(`${prodigy}/state/workflow-1795507900000/checkpoints/workflow-1795507900031.checkpoint.json`, (json) => {
    json["variable_state"] = {
      ...json["variable_state"] as object,
      __error_message: "Step 'shell: curl LEAK-failed-command' failed with exit code 1\n\nLEAK-error-output",
    };
  });
  await edit(`${prodigy}/worktrees/demo-app/.metadata/${RUN}.json`, (json) => json["error"] = "LEAK-worktree-error");
  await edit(`${prodigy}/dlq/${SESSION}/${JOB}/mapreduce/dlq/${JOB}/items/item_3.json`, (json) => {
    json["item_data"] = { password: "LEAK-item-data" };
    json["error_signature"] = "LEAK-signature";
    json["failure_history"] = [{ error_type: { LEAKtype: "LEAK-type-value" }, error_message: "LEAK-dlq-message" }];
  });

  append(`${prodigy}/events/demo-app/hooks/events.jsonl`, EVENTS.map((event) => eventLine(event)).join(""));
  append(
    `${prodigy}/events/demo-app/hooks/events.jsonl`,
    'LEAK-no-json\n{"event":{"event_type":"LEAK unknown type with spaces"}}\n' +
      '{"event":{"event_type":"agent_completed","job_id":{"LEAK-wrong":"LEAK-type"}}}\n{"LEAK-key":"LEAK-value"}\n' +
      '{"event":{"event_type":"claude_message","content":"LEAK-torn-line',
  );
  await Deno.writeTextFile(`${prodigy}/sessions/workflow-9.json`, '{"id":"LEAK-torn-session');

  append(`${home}/.claude/projects/-home-dev/s9.jsonl`, TRANSCRIPT.map((line) => `${JSON.stringify(line)}\n`).join(""));
  append(
    `${prodigy}/logs/claude-streaming/20261124_081500-00000000-0000-4000-8000-000000000000.jsonl`,
    `LEAK-plain-output\n${STREAM.map((line) => JSON.stringify(line)).join("\n")}`,
  );
}

const EVENTS: readonly Readonly<Record<string, unknown>>[] = [
  { event_type: "claude_tool_invoked", agent_id: "a", tool_name: "Bash", parameters: { command: "LEAK-parameters" } },
  { event_type: "claude_message", agent_id: "a", content: "LEAK-content", message_type: "text" },
  { event_type: "agent_failed", job_id: "job-1", agent_id: "a", error: "LEAK-agent-error", retry_eligible: true },
  { event_type: "job_failed", job_id: "job-1", error: "LEAK-job-error", partial_results: 0 },
  { event_type: "checkpoint_failed", job_id: "job-1", error: "LEAK-checkpoint-error" },
  {
    event_type: "step_completed",
    workflow_id: "w",
    step_index: 0,
    step_type: "LEAK-step-type",
    status: "failed",
    duration: 1,
    command: "LEAK-event-command",
    error_message: "LEAK-event-message",
  },
  { event_type: "claude_error", error_type: "LEAK-error-type" },
  { event_type: "claude_session_completed", session_id: "s", status: "LEAK-status" },
];

function assistant(content: readonly unknown[], more: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    cwd: AGENT_CWD,
    sessionId: "s9",
    session_id: "s9",
    type: "assistant",
    message: {
      id: `msg_${content.length}`,
      model: "claude-sonnet-4-5-20250929",
      content,
      usage: { input_tokens: 1, output_tokens: 1 },
    },
    timestamp: "2026-11-24T09:00:44.666Z",
    ...more,
  };
}
const TRANSCRIPT = [
  { cwd: AGENT_CWD, sessionId: "s9", type: "user", message: { role: "user", content: "LEAK-prompt" } },
  assistant([{ type: "text", text: "LEAK-answer" }]),
  assistant([{ type: "thinking", thinking: "LEAK-thought" }, {
    type: "tool_use",
    id: "toolu_9",
    name: "Bash",
    input: { command: "LEAK-tool-input" },
  }]),
  assistant([{ type: "text", text: "API Error: LEAK-api-error" }, {}, {}], {
    isApiErrorMessage: true,
    error: "LEAK-x",
  }),
];
const STREAM = [
  { type: "system", subtype: "init", cwd: `/home/dev/.prodigy/worktrees/demo-app/${RUN}`, session_id: "s8" },
  { ...assistant([{ type: "text", text: "LEAK-stream-answer" }, {}, {}, {}]) as object, session_id: "s8" },
  { type: "result", subtype: "LEAK-subtype", is_error: true, result: "LEAK-result", session_id: "s8" },
];

async function edit(path: string, change: (json: Record<string, unknown>) => void): Promise<void> {
  const json = JSON.parse(await Deno.readTextFile(path));
  change(json);
  await Deno.writeTextFile(path, JSON.stringify(json, null, 2));
}

/** No marker in any of it; what is named tells where. */
function assertSilent(outputs: Readonly<Record<string, string>>): void {
  const leaks = Object.entries(outputs).flatMap(([name, text]) =>
    [...MARKERS, ...SAMPLE_TEXTS].filter((marker) => text.includes(marker)).map((marker) => {
      const at = text.indexOf(marker);
      return `${name}: ${text.slice(Math.max(0, at - 40), at + 60)}`;
    })
  );
  assert.deepEqual(leaks, []);
}

/** Every file the program has written, by its name, as bytes read for text. */
async function filesOf(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of Deno.readDir(directory)) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory) Object.assign(found, await filesOf(path));
    else if (entry.isFile) found[path] = new TextDecoder("latin1").decode(await Deno.readFile(path));
  }
  return found;
}

async function answersOf(program: Program): Promise<Record<string, string>> {
  await program.metrics();
  const answers: Record<string, string> = {};
  for (const path of ["/metrics", "/metrics/json", "/", "/health", "/-/ready", "/nowhere"]) {
    for (const accept of ["*/*", "text/html", "application/openmetrics-text;version=1.0.0"]) {
      answers[`${path} as ${accept}`] = (await program.get(path, { accept, "user-agent": "Prometheus/2.42" })).body;
    }
  }
  return answers;
}

const DEBUG = ["--log-level", "debug"];
const SECRET_URL = "postgres://prodigy:LEAK-password@127.0.0.1:1/prodigy";

Deno.test("once and check-config give no secret away", async () => {
  using scratch = createScratch();
  const home = scratch.path;
  copySampleHome("prodigy_home", home);
  await plantSecrets(home);
  const env = { PRODIGY_POSTGRES_URL: SECRET_URL };
  const outputs: Record<string, string> = {};
  for (const args of [["once"], ["once", "--format", "json"], ["check-config"], ["--help"]]) {
    const { code, stdout, stderr } = await runProgram({ home, env }, ...args, ...args[0] === "--help" ? [] : DEBUG);
    assert.equal(code, 0, stderr);
    assert.ok(stdout.length > 500);
    outputs[`${args.join(" ")} stdout`] = stdout;
    outputs[`${args.join(" ")} stderr`] = stderr;
  }
  // What was planted was read: otherwise this proves nothing.
  assert.match(outputs["once stdout"] ?? "", /prodigy_claude_errors_total\{error_type="unknown"\} [12]/);
  assert.match(outputs["once stdout"] ?? "", /lines_rejected_total\{source="files",reason="bad_json"\} 1/);
  assertSilent(outputs);
});

Deno.test("a running exporter gives no secret away: answers, log, snapshot, journal", async () => {
  using scratch = createScratch();
  const home = scratch.path;
  copySampleHome("prodigy_home", home);
  await plantSecrets(home);
  const env = { PRODIGY_POSTGRES_URL: SECRET_URL };
  await using program = await startProgram({ home, env, args: [...DEBUG, "--state-snapshot-interval", "100ms"] });
  const answers = await answersOf(program);
  using client = await Deno.connect({ transport: "unix", path: program.socketPath });
  const lines = EVENTS.map((event) => eventLine(event)).join("") + "LEAK-socket-junk\n";
  await client.write(new TextEncoder().encode(lines));
  await program.untilValue('prodigy_exporter_lines_read_total{source="socket"}', EVENTS.length + 1);
  const later = await answersOf(program);
  program.kill("SIGTERM");
  assert.equal(await program.exited, 0, program.log());
  const files = await filesOf(`${home}/.local/state`);
  assert.ok(Object.keys(files).some((path) => path.endsWith("/snapshot")), Object.keys(files).join());
  assertSilent({ ...answers, ...later, log: program.log(), ...files });
});

for (const url of [`${SECRET_URL}?sslmode=bogus`, SECRET_URL.replace("@", "%zz@"), SECRET_URL.replace("@", "/+@")]) {
  const name = url.slice(url.indexOf("password"));
  Deno.test(`a database URL that ends in ${name} is told before anything starts, without it`, async () => {
    using scratch = createScratch();
    const options = { home: scratch.path, env: { PRODIGY_POSTGRES_URL: url } };
    for (const args of [["check-config"], ["migrate"], ["--enable-postgres-storage"]]) {
      const { code, stdout, stderr } = await runProgram(options, ...args);
      assert.deepEqual([code, stdout], [2, ""], args.join());
      assert.match(
        stderr,
        /^PRODIGY_POSTGRES_URL: Cannot use metrics\.postgres\.connection_string as it must be .*\n$/,
      );
      assertSilent({ stderr });
    }
  });
}
