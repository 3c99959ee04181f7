import assert from "node:assert/strict";
import { SIMULATED_SECRET } from "../../support/prodigy_documents.ts";
import { lookAt, StateRig } from "../../support/state_rig.ts";

const SHELL = { command: "shell: x", durationSeconds: 1 };

Deno.test("look() survives FIFOs, links, circles, odd names and junk, and counts what it passes over", () => {
  using rig = new StateRig();
  const sessions = `${rig.prodigy.prodigyHome}/sessions`;
  const run = rig.prodigy.startWorkflow({ name: "good" });
  const checkpoints = `${rig.prodigy.prodigyHome}/state/${run}/checkpoints`;
  rig.prodigy.completeStep(run, SHELL);
  const fifo = new Deno.Command("mkfifo", { args: [`${sessions}/workflow-1.json`] }).outputSync();
  assert.ok(fifo.success);
  Deno.symlinkSync("/etc/passwd", `${sessions}/workflow-2.json`);
  Deno.symlinkSync(sessions, `${sessions}/loop`);
  Deno.symlinkSync(`${checkpoints}/x.checkpoint.json`, `${checkpoints}/x.checkpoint.json`);
  Deno.mkdirSync(`${sessions}/workflow-3.json`);
  Deno.mkdirSync(`${sessions}/{id}/history`, { recursive: true });
  Deno.mkdirSync(`${checkpoints}/ \n${"ü".repeat(60)}.checkpoint.json`);
  for (const [name, text] of Object.entries(JUNK)) {
    Deno.writeTextFileSync(`${sessions}/${name}.json`, text);
    Deno.writeTextFileSync(`${checkpoints}/${name}.checkpoint.json`, text);
  }
  Deno.writeFileSync(`${checkpoints}/new.checkpoint.json.zst`, new Uint8Array([0x28, 0xb5, 0x2f, 0xfd]));
  assert.deepEqual(rig.look(), ["start good", "step 0 shell success 1s", "checkpoint"]);
  assert.deepEqual(rig.after(60), []);
  const stats = rig.source.stats();
  assert.equal(stats.notFiles, 4, "FIFO and three links");
  assert.ok(stats.torn > 0);
});

const JUNK: Readonly<Record<string, string>> = {
  empty: "",
  cut: '{"id": "workflow-2',
  null: "null",
  text: '"text"',
  list: "[1]",
  "no-status": '{"id":"no-status","started_at":"2026-11-24T08:00:00Z"}',
  "other-types": '{"id":1,"status":{},"started_at":[],"execution_state":7,"completed_steps":{}}',
  "bad-steps": '{"execution_state":{"status":"Running"},"completed_steps":[null,1,{},{"step_index":-1}]}',
  "copy of another": '{"id":"workflow-9","status":"Running","started_at":"2026-11-24T08:00:00Z"}',
};

Deno.test("look() reads a session that was torn at first as soon as it is whole", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  const path = `${rig.prodigy.prodigyHome}/sessions/${run}.json`;
  const text = Deno.readTextFileSync(path);
  Deno.writeTextFileSync(path, "");
  assert.deepEqual(rig.look(), []);
  Deno.writeTextFileSync(path, text.slice(0, 100));
  assert.deepEqual(rig.look(), []);
  Deno.writeTextFileSync(path, text);
  assert.deepEqual(rig.look(), ["start w"]);
});

Deno.test("look() tells a run's end though its session file was left empty by a crash afterwards", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.clock.nowMs += 1_000;
  rig.prodigy.finish(run);
  rig.look();
  const path = `${rig.prodigy.prodigyHome}/sessions/${run}.json`;
  Deno.writeTextFileSync(path, "");
  const time = new Date(rig.clock.nowMs);
  Deno.utimeSync(path, time, time);
  assert.deepEqual(rig.after(2), [], "it may be in the middle of being rewritten");
  assert.deepEqual(rig.after(10), ["end w success 1s"]);
});

Deno.test("look() and saveState() give no secret, command or error text away", () => {
  using rig = new StateRig();
  const plain = rig.prodigy.startWorkflow({ name: "w" });
  rig.prodigy.completeStep(plain, { command: `shell: curl -H ${SIMULATED_SECRET}`, durationSeconds: 1 });
  rig.prodigy.failStep(plain, { command: `shell: ${SIMULATED_SECRET}` });
  const { runId } = rig.prodigy.startMapReduce();
  rig.prodigy.agentFails(runId, 0);
  rig.prodigy.finishMapReduce(runId, { failed: true });
  const told = [lookAt(rig.source, rig.clock.nowMs), lookAt(rig.source, rig.clock.nowMs + 5_000)];
  assert.ok(JSON.stringify(told).includes("workflow_completed"));
  const out = JSON.stringify([told, rig.source.saveState(), rig.source.health()]);
  for (const word of [SIMULATED_SECRET, "curl", "cargo", "exit code", "items failed"]) {
    assert.equal(out.includes(word), false, word);
  }
});

Deno.test("health() names a directory that cannot be read, and is well again afterwards", () => {
  using rig = new StateRig();
  const sessions = `${rig.prodigy.prodigyHome}/sessions`;
  rig.look();
  assert.equal(rig.source.health().problem, null);
  Deno.removeSync(sessions);
  Deno.symlinkSync("sessions", sessions);
  assert.deepEqual(rig.after(1), []);
  assert.equal(rig.source.health().problem, `Cannot read ${sessions}: FilesystemLoop`);
  Deno.removeSync(sessions);
  Deno.mkdirSync(sessions);
  assert.deepEqual(rig.after(1), []);
  assert.equal(rig.source.health().problem, null);
});

Deno.test("look() reads files that begin with a byte order mark", () => {
  using rig = new StateRig();
  const run = rig.prodigy.startWorkflow({ name: "w" });
  rig.prodigy.completeStep(run, SHELL);
  const paths = [`sessions/${run}.json`];
  for (const { name } of Deno.readDirSync(`${rig.prodigy.prodigyHome}/state/${run}/checkpoints`)) {
    paths.push(`state/${run}/checkpoints/${name}`);
  }
  for (const path of paths.map((path) => `${rig.prodigy.prodigyHome}/${path}`)) {
    Deno.writeTextFileSync(path, `\ufeff${Deno.readTextFileSync(path)}`);
  }
  assert.deepEqual(rig.look(), ["start w", "step 0 shell success 1s", "checkpoint"]);
});
