import assert from "node:assert/strict";
import { append } from "../support/event_lines.ts";
import { assertGolden } from "../support/golden_table.ts";
import { runProgram, startProgram, valueIn } from "../support/program.ts";
import { copySampleHome, createScratch } from "../support/scratch.ts";
import { CAPTURED_RUN } from "../golden/captured_run.ts";

const AGENT_PROJECT = "-home-dev--prodigy-worktrees-x";
const LONG_LINE_BYTES = 100 * 1024 * 1024;
/** What the program may hold at most while it reads files of several times that. */
const RESIDENT_MAX_BYTES = 400 * 1024 * 1024;

/** Root could read everything; without capabilities it is bound by modes like everyone. */
const WITHOUT_PRIVILEGES = `if [ "$(id -u)" = 0 ]; then exec setpriv --inh-caps=-all --bounding-set=-all "$0" "$@"; fi`;

async function fifo(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assert.ok(success);
}

/** Everything that does not belong into a home: at each place where a reader looks for its files. */
async function plantOddities(home: string): Promise<void> {
  const prodigy = `${home}/.prodigy`;
  const outside = `${home}/outside`;
  await Deno.mkdir(outside);
  await Deno.writeTextFile(`${outside}/workflow-1.json`, '{"id":"workflow-1","status":"Running"}');
  await Deno.writeTextFile(`${outside}/x.jsonl`, '{"event_type":"job_paused","job_id":"j"}\n');
  const places = [
    `${prodigy}/sessions`,
    `${prodigy}/state/workflow-1795478643740/checkpoints`,
    `${prodigy}/worktrees/demo-app/.metadata`,
    `${prodigy}/events/demo-app`,
    `${prodigy}/logs/claude-streaming`,
    `${home}/.claude/projects/${AGENT_PROJECT}`,
  ];
  for (const place of places) {
    await Deno.mkdir(place, { recursive: true });
    for (const suffix of [".json", ".checkpoint.json", ".jsonl"]) {
      await fifo(`${place}/fifo${suffix}`);
      await Deno.symlink(`${outside}/workflow-1.json`, `${place}/link${suffix}`);
      await Deno.symlink(`${place}/loop${suffix}`, `${place}/loop${suffix}`);
      await Deno.symlink("/nowhere", `${place}/dangling${suffix}`);
      await Deno.mkdir(`${place}/directory${suffix}`);
      await Deno.writeTextFile(`${place}/empty${suffix}`, "");
      await Deno.writeFile(`${place}/binary${suffix}`, new Uint8Array([0, 255, 254, 10, 0, 123]));
    }
    await Deno.symlink(outside, `${place}/out`);
    await Deno.symlink(place, `${place}/circle`);
    await Deno.mkdir(`${place}/ \n"\\{}=,${"ü".repeat(40)}/..x/deeper`, { recursive: true });
    await Deno.mkdir(`${place}/${"d/".repeat(30)}`, { recursive: true });
  }
}

/** A line of an agent's transcript. */
function agentAnswer(id: string): string {
  return JSON.stringify({
    cwd: "/home/dev/.prodigy/worktrees/session-1/mapreduce-agent-mapreduce-20261124_090000_agent_2",
    sessionId: "s1",
    type: "assistant",
    message: { id, model: "claude-sonnet-4-5", content: [], usage: { input_tokens: 1, output_tokens: 10 } },
  });
}

/** A file with one line that is too long and whole lines around it, without holding it in memory. */
async function writeLongLine(path: string, before: string, after: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  using file = await Deno.open(path, { write: true, create: true });
  const encoder = new TextEncoder();
  await file.write(encoder.encode(`${before}\n{"x":"`));
  const part = new Uint8Array(1024 * 1024).fill(0x78);
  for (let written = 0; written < LONG_LINE_BYTES; written += part.length) await file.write(part);
  await file.write(encoder.encode(`"}\n${after}\n`));
}

Deno.test("once and start survive links, FIFOs, circles, odd names and junk at every place, and count them", async () => {
  using scratch = createScratch();
  const home = scratch.path;
  copySampleHome("captured_run", home);
  await plantOddities(home);
  const { code, stdout, stderr } = await runProgram({ home }, "once");
  assert.equal(code, 0, stderr);
  // None of it has changed what the real files tell; an empty and a binary file of two names each are worktrees by name.
  const table = { ...CAPTURED_RUN, values: { ...CAPTURED_RUN.values, prodigy_worktree_pool_size: 1 + 4 } };
  assertGolden(stdout, table);
  const unread = (source: string): number | undefined =>
    valueIn(stdout, `prodigy_exporter_files_unread{source="${source}",reason="not_a_file"}`);
  // By place: for each of three names a FIFO and three links, and two more links.
  const odd = 3 * 4 + 2;
  assert.ok((unread("state") ?? 0) >= 3 * odd, `state: ${unread("state")}`);
  assert.equal(unread("claude"), 2 * odd);
  // Only what is named as an event file is, below events and below state: a FIFO and three links each.
  assert.equal(unread("files"), 2 * 4);

  await using program = await startProgram({ home });
  const exposition = await program.metrics();
  assertGolden(exposition, table);
  assert.equal(valueIn(exposition, 'prodigy_exporter_source_up{source="state"}'), 1);
  program.kill("SIGTERM");
  assert.equal(await program.exited, 0, program.log());
});

Deno.test("lines of 100 MB are skipped and counted, in events, transcripts and streams, without being held", async () => {
  using scratch = createScratch();
  const home = scratch.path;
  const event = '{"event_type":"claude_error","error_type":"overloaded"}';
  await writeLongLine(`${home}/.prodigy/events/app/events.jsonl`, event, event);
  await writeLongLine(`${home}/.claude/projects/${AGENT_PROJECT}/s1.jsonl`, agentAnswer("m1"), agentAnswer("m2"));
  // A state file of that size is no state file.
  await writeLongLine(`${home}/.prodigy/sessions/workflow-7.json`, "", "");
  await using program = await startProgram({ home });
  const exposition = await program.metrics();
  const value = (series: string): number | undefined => valueIn(exposition, series);
  assert.equal(value('prodigy_claude_errors_total{error_type="overloaded"}'), 2);
  assert.equal(value('prodigy_claude_tokens_total{token_type="output"}'), 20);
  assert.equal(value('prodigy_exporter_lines_rejected_total{source="files",reason="line_too_long"}'), 1);
  assert.equal(value('prodigy_exporter_lines_rejected_total{source="claude",reason="line_too_long"}'), 1);
  assert.equal(value('prodigy_exporter_files_unread{source="state",reason="too_large"}'), 1);
  const resident = value("process_resident_memory_bytes") ?? NaN;
  assert.ok(resident < RESIDENT_MAX_BYTES, `${resident} bytes resident`);
});

Deno.test("unreadable files and directories are told and counted, and read once they can be", async () => {
  using scratch = createScratch();
  const home = scratch.path;
  copySampleHome("captured_run", home);
  const transcript = `${home}/.claude/projects/${AGENT_PROJECT}/s1.jsonl`;
  append(transcript, `${agentAnswer("m1")}\n`);
  const hidden = [
    `${home}/.prodigy/sessions/workflow-1795478643740.json`,
    `${home}/.prodigy/logs/claude-streaming`,
    transcript,
  ];
  const unhide = async (): Promise<void> => {
    for (const path of hidden) await Deno.chmod(path, 0o755);
  };
  const unread = (source: string): string => `prodigy_exporter_files_unread{source="${source}",reason="unreadable"}`;
  const output = 'prodigy_claude_tokens_total{token_type="output"}';
  for (const path of hidden) await Deno.chmod(path, 0);
  const args = ["--readers-poll-interval", "50ms"];
  await using program = await startProgram({ home, args, setUp: WITHOUT_PRIVILEGES });
  await program.metrics();
  assert.equal(await program.value(unread("state")), 1);
  assert.equal(await program.value(unread("claude")), 2);
  assert.equal(await program.value(output), 0);
  assert.equal(await program.value('prodigy_exporter_source_up{source="state"}'), 0);
  assert.match((await program.get("/health")).body, /Cannot read/);

  await unhide();
  await program.untilValue('prodigy_workflow_executions_total{workflow_name="fix-lint",status="success"}', 1);
  await program.untilValue(output, 348 + 10);
  await program.untilValue('prodigy_exporter_source_up{source="state"}', 1);
  await program.untilValue(unread("claude"), 0);

  // What comes back after it was hidden is not counted again, only what was written meanwhile.
  await Deno.chmod(transcript, 0);
  append(transcript, `${agentAnswer("m2")}\n`);
  await program.untilValue(unread("claude"), 1);
  await unhide();
  await program.untilValue(output, 348 + 20);
  await program.untilValue(unread("claude"), 0);
  assert.equal(await program.value(output), 348 + 20);
});
