import assert from "node:assert/strict";
import type { ClaudeSource } from "../../../../lib/prodigy/claude/claude_source.ts";
import type { Batch } from "../../../../lib/source/source.ts";
import {
  AGENT_CWD,
  ClaudeHome,
  countOf,
  initLine,
  promptLine,
  recordsOf,
  streamLine,
  transcriptLine,
} from "../../../support/claude_home.ts";

const DAY_MS = 86_400_000;

function agentLine(id: string, output: number): unknown {
  return transcriptLine({ id, output, cwd: AGENT_CWD });
}

function setAge(home: ClaudeHome, path: string, ageMs: number): void {
  const at = new Date(home.nowMs - ageMs);
  Deno.utimeSync(`${home.root}/${path}`, at, at);
}

function output(home: ClaudeHome, source: ClaudeSource): number {
  return countOf(home.look(source)).output;
}

function tooLong(batches: readonly Batch[]): number {
  return batches.reduce((sum, batch) => sum + (batch.kind === "rejected" ? batch.count : 0), 0);
}

Deno.test("look() does nothing before its interval is over", () => {
  using home = new ClaudeHome();
  const source = home.source({ pollIntervalMs: 5_000 });
  const at = home.nowMs;
  assert.equal(recordsOf(source.look(at)).length, 0);
  home.append("projects/-a/a.jsonl", agentLine("m1", 1));
  assert.equal(recordsOf(source.look(at + 4_999)).length, 0);
  assert.ok(recordsOf(source.look(at + 5_000)).length > 0);
  home.append("projects/-a/a.jsonl", agentLine("m2", 1));
  assert.ok(recordsOf(source.look(at)).length > 0, "after the clock stepped back");
});

Deno.test("look() finds nothing, and no problem, where there are no directories yet", () => {
  using home = new ClaudeHome();
  Deno.removeSync(home.projects);
  Deno.removeSync(home.streams);
  const source = home.source();
  assert.equal(output(home, source), 0);
  assert.deepEqual(source.health(), { behindBytes: 0, problem: null, unread: { unreadable: 0, not_a_file: 0 } });
  home.append("projects/-a/a.jsonl", agentLine("m1", 1));
  assert.equal(output(home, source), 1);
});

Deno.test("look() forgets no position when the whole directory goes away for a while", () => {
  using home = new ClaudeHome();
  const source = home.source();
  home.append("projects/-a/a.jsonl", agentLine("m1", 1));
  home.look(source);
  const positions = (): string => JSON.stringify({ ...source.saveState() as object, readToMs: null });
  const before = positions();
  Deno.renameSync(home.projects, `${home.root}/elsewhere`);
  home.look(source);
  assert.equal(positions(), before);
  Deno.renameSync(`${home.root}/elsewhere`, home.projects);
  home.append("projects/-a/a.jsonl", agentLine("m2", 2));
  assert.equal(output(home, source), 2);
});

Deno.test("look() forgets deleted files, and reads new ones of their name", () => {
  using home = new ClaudeHome();
  const source = home.source();
  home.append("projects/-a/a.jsonl", agentLine("m1", 1));
  home.append("projects/-a/b.jsonl", agentLine("m2", 1));
  home.look(source);
  Deno.removeSync(`${home.projects}/-a/a.jsonl`);
  home.look(source);
  home.look(source);
  assert.ok(!JSON.stringify(source.saveState()).includes("a.jsonl"));
  home.append("projects/-a/a.jsonl", agentLine("m3", 4));
  assert.equal(output(home, source), 4);
});

Deno.test("look() leaves links, FIFOs, other files and directories named like files alone", () => {
  using home = new ClaudeHome();
  const outside = `${home.root}/outside.jsonl`;
  home.append("outside.jsonl", agentLine("m1", 1));
  home.append("projects/-a/notes.txt", agentLine("m2", 1));
  Deno.symlinkSync(outside, `${home.projects}/link.jsonl`);
  Deno.symlinkSync(home.root, `${home.projects}/up`);
  Deno.symlinkSync(`${home.root}/nowhere`, `${home.projects}/dangling.jsonl`);
  Deno.mkdirSync(`${home.projects}/directory.jsonl`);
  const { success } = new Deno.Command("mkfifo", { args: [`${home.projects}/fifo.jsonl`] }).outputSync();
  assert.ok(success);
  home.append("projects/odd \n\"'name\\ü/-- .jsonl", agentLine("m3", 8));
  const source = home.source();
  assert.equal(output(home, source), 8);
  assert.equal(source.health().problem, null);
});

Deno.test("look() follows a link that is the directory itself", () => {
  using home = new ClaudeHome();
  home.append("real/-a/a.jsonl", agentLine("m1", 1));
  Deno.symlinkSync(`${home.root}/real`, `${home.root}/link`);
  assert.equal(output(home, home.source({ projectsDirectory: `${home.root}/link/` })), 1);
});

Deno.test("look() skips lines beyond the limit without holding them, and counts them", () => {
  const long = `{"cwd":"${AGENT_CWD}","type":"assistant","x":"${"x".repeat(1_500_000)}"}\n`;
  const table: readonly (readonly [name: string, lineMaxBytes: number, text: string, rejected: number])[] = [
    ["longer than a chunk", 400_000, long, 1],
    ["shorter than a chunk", 4_096, `${long.slice(0, 5_000)}\n`, 1],
    ["two", 400_000, long + long, 2],
    ["within the limit", 2_000_000, long, 0],
  ];
  for (const [name, lineMaxBytes, text, rejected] of table) {
    using home = new ClaudeHome();
    const source = home.source({ lineMaxBytes });
    home.append("projects/-a/a.jsonl", promptLine(AGENT_CWD), agentLine("m1", 1));
    home.appendText("projects/-a/a.jsonl", text);
    home.append("projects/-a/a.jsonl", agentLine("m2", 2));
    const batches = home.batches(source);
    assert.deepEqual([countOf(recordsOf(batches)).output, tooLong(batches)], [3, rejected], name);
  }
});

Deno.test("look() goes on skipping a long line in later looks, across a restart", () => {
  using home = new ClaudeHome();
  let source = home.source({ lineMaxBytes: 10_000 });
  home.append("projects/-a/a.jsonl", agentLine("m1", 1));
  let rejected = 0;
  for (let part = 0; part < 5; part++) {
    home.appendText("projects/-a/a.jsonl", "x".repeat(300_000));
    rejected += tooLong(home.batches(source));
    const state = source.saveState();
    source = home.source({ lineMaxBytes: 10_000 });
    source.loadState(state);
  }
  assert.equal(rejected, 1);
  home.appendText("projects/-a/a.jsonl", "\n");
  home.append("projects/-a/a.jsonl", agentLine("m2", 2));
  assert.equal(output(home, source), 2);
});

Deno.test("look() does not count long lines of other people's sessions", () => {
  using home = new ClaudeHome();
  const source = home.source({ lineMaxBytes: 10_000 });
  home.append("projects/-a/a.jsonl", promptLine("/home/dev/app"));
  home.appendText("projects/-a/a.jsonl", `${"x".repeat(600_000)}\n${"y".repeat(20_000)}\n`);
  assert.equal(tooLong(home.batches(source)), 0);
});

Deno.test("look() splits no character at a chunk's end", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const filler = JSON.stringify(promptLine(`${AGENT_CWD}/${"ü".repeat(1_000)}`));
  home.appendText("projects/-a/a.jsonl", `${Array.from({ length: 700 }, () => filler).join("\n")}\n`);
  home.append("projects/-a/a.jsonl", agentLine("m1", 1));
  assert.equal(output(home, source), 1);
});

Deno.test("look() does not read files older than the limit, and counts a resumed one from there", () => {
  using home = new ClaudeHome();
  home.append("projects/-old/a.jsonl", agentLine("m1", 1));
  home.append("projects/-new/b.jsonl", agentLine("m2", 2));
  home.stream("20261101_000000-a.jsonl", initLine(), streamLine({ id: "m3", output: 4 }));
  setAge(home, "projects/-old/a.jsonl", 8 * DAY_MS);
  setAge(home, "projects/-new/b.jsonl", 6 * DAY_MS);
  setAge(home, "streams/20261101_000000-a.jsonl", 8 * DAY_MS);
  let source = home.source({ ignoreOlderThanMs: 7 * DAY_MS });
  assert.equal(output(home, source), 2);
  const state = source.saveState();
  source = home.source({ ignoreOlderThanMs: 7 * DAY_MS });
  source.loadState(state);
  assert.equal(output(home, source), 0);
  home.append("projects/-old/a.jsonl", agentLine("m4", 8));
  assert.equal(output(home, source), 8);
});

Deno.test("look() forgets streams that grew older than the limit, and does not read them again", () => {
  using home = new ClaudeHome();
  const source = home.source({ ignoreOlderThanMs: 7 * DAY_MS });
  home.stream("20261101_000000-a.jsonl", initLine(), streamLine({ id: "m3", output: 4 }));
  assert.equal(output(home, source), 4);
  assert.match(JSON.stringify(source.saveState()), /20261101_000000-a/);
  home.nowMs += 8 * DAY_MS;
  assert.equal(output(home, source), 0);
  assert.doesNotMatch(JSON.stringify(source.saveState()), /20261101_000000-a/);
  assert.equal(output(home, source), 0);
});

Deno.test("look() finds what moves among many resting files within a few looks", () => {
  using home = new ClaudeHome();
  const source = home.source();
  for (let file = 0; file < 450; file++) {
    const path = `projects/-${file % 225}/${file}.jsonl`;
    home.append(path, agentLine(`m${file}`, 1));
    setAge(home, path, DAY_MS);
  }
  assert.equal(output(home, source), 450);
  // All rests from here on, directories too.
  home.nowMs += DAY_MS;
  assert.equal(output(home, source), 0);
  home.append("projects/-7/232.jsonl", agentLine("more", 1));
  home.append("projects/-brand-new/n.jsonl", agentLine("new", 10));
  setAge(home, "projects/-7/232.jsonl", DAY_MS / 2);
  const seen = [1, 2, 3, 4, 5, 6].map(() => output(home, source));
  assert.equal(seen[0] === 10 || seen[0] === 11, true, "a new project is seen at once");
  assert.equal(seen.reduce((sum, part) => sum + part, 0), 11);
});

Deno.test("health() tells what is left to read, and nothing is left after a look", () => {
  using home = new ClaudeHome();
  const source = home.source();
  for (const name of ["a", "b", "c"]) home.append(`projects/-${name}/x.jsonl`, agentLine(name, 1));
  const behind: number[] = [];
  home.nowMs += 1_000;
  for (const _batch of source.look(home.nowMs)) behind.push(source.health().behindBytes);
  assert.equal(behind.length, 3);
  assert.ok(behind[0] !== undefined && behind[2] !== undefined && behind[0] > behind[2]);
  assert.equal(source.health().behindBytes, 0);
});

Deno.test("look() yields on the way through files that count nothing", () => {
  using home = new ClaudeHome();
  const source = home.source();
  home.appendText("projects/-a/a.jsonl", `${JSON.stringify(promptLine("/home/dev/app"))}\n`.repeat(20_000));
  assert.ok(home.batches(source).length >= 5);
  for (let file = 0; file < 100; file++) {
    home.appendText(`projects/-b/${file}.jsonl`, `${JSON.stringify(promptLine("/home/dev/app"))}\n`.repeat(200));
  }
  assert.ok(home.batches(source).length >= 5, "many small ones");
});
