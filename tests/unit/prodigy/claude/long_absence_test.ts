import assert from "node:assert/strict";
import type { EventRecord } from "../../../../lib/event/record.ts";
import type { ClaudeSource, ClaudeSourceOptions } from "../../../../lib/prodigy/claude/claude_source.ts";
import {
  AGENT_CWD,
  ClaudeHome,
  countOf,
  initLine,
  resultLine,
  RUN_CWD,
  SONNET,
  streamLine,
  transcriptLine,
} from "../../../support/claude_home.ts";

/* Sessions that outlast a sleep, an outage or the limits: what was counted holds. */

const DAY_MS = 24 * 3600_000;
const WEEK = { ignoreOlderThanMs: 7 * DAY_MS };
const TRANSCRIPT = "projects/-run/s1.jsonl";
const STREAM = "20261124_081001-x.jsonl";
const A = { id: "m1", input: 10, output: 100 };
const B = { id: "m2", input: 20, output: 200 };

function restart(home: ClaudeHome, source: ClaudeSource, options: Partial<ClaudeSourceOptions>): ClaudeSource {
  const next = home.source(options);
  next.loadState(JSON.parse(JSON.stringify(source.saveState())));
  return next;
}

function setAge(home: ClaudeHome, path: string, ageMs: number): void {
  const time = new Date(Date.now() - ageMs);
  Deno.utimeSync(`${home.root}/${path}`, time, time);
}

Deno.test("look() counts what was written while nobody looked, however long that was", () => {
  using home = new ClaudeHome();
  let source = home.source(WEEK);
  home.look(source);
  home.append(TRANSCRIPT, transcriptLine({ ...A, cwd: AGENT_CWD }));
  source = restart(home, source, WEEK);
  home.nowMs += 10 * DAY_MS;
  assert.equal(countOf(home.look(source)).output, 100);
});

Deno.test("look() leaves an old transcript in the past when it is copied with its time", () => {
  using home = new ClaudeHome();
  home.append(TRANSCRIPT, transcriptLine({ ...A, cwd: AGENT_CWD }));
  setAge(home, TRANSCRIPT, 60 * DAY_MS);
  let source = home.source(WEEK);
  home.look(source);
  Deno.renameSync(home.projects, `${home.root}/old`);
  Deno.mkdirSync(`${home.projects}/-run`, { recursive: true });
  Deno.copyFileSync(`${home.root}/old/-run/s1.jsonl`, `${home.root}/${TRANSCRIPT}`);
  setAge(home, TRANSCRIPT, 60 * DAY_MS);
  source = restart(home, source, WEEK);
  assert.equal(countOf([...home.look(source), ...home.look(source)]).output, 0);
});

Deno.test("look() counts a session once that goes on after some days asleep", () => {
  using home = new ClaudeHome();
  const source = home.source();
  home.append(TRANSCRIPT, transcriptLine({ ...A, cwd: RUN_CWD }));
  const records = [...home.look(source)];
  home.nowMs += 2.5 * DAY_MS;
  records.push(...home.look(source));
  home.append(TRANSCRIPT, transcriptLine({ ...B, cwd: RUN_CWD }));
  records.push(...home.look(source));
  const models = { [SONNET]: [30, 300, 0, 0, 1] } as const;
  home.stream(STREAM, initLine(), streamLine(A), streamLine(B), resultLine({ usd: 1, models }));
  // Ahead of the file system's time a listing is trusted until it is renewed.
  home.nowMs += 60_000;
  records.push(...home.look(source));
  const { input, output, usd } = countOf(records);
  assert.deepEqual([input, output, usd], [30, 300, 1]);
});

Deno.test("look() counts the tokens of a session once whose account it had to forget", () => {
  using home = new ClaudeHome();
  let source = home.source();
  home.append(TRANSCRIPT, transcriptLine({ ...A, cwd: RUN_CWD }));
  const records = [...home.look(source)];
  home.nowMs += 30 * DAY_MS;
  records.push(...home.look(source));
  source = restart(home, source, {});
  const models = { [SONNET]: [30, 300, 0, 0, 1] } as const;
  home.stream(STREAM, initLine(), streamLine(A), streamLine(B), resultLine({ usd: 1, models }));
  records.push(...home.look(source));
  const { input, output } = countOf(records);
  assert.deepEqual([input, output], [30, 300]);
});

Deno.test("look() counts more sessions than it has accounts for once, transcripts first and streams later", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const sessions = 5_000;
  const messages = Array.from({ length: sessions }, (_, at) => ({ id: `m${at}`, session: `s${at}`, output: 1 }));
  for (const part of messages) {
    home.append(`projects/-run/${part.session}.jsonl`, transcriptLine({ ...part, cwd: RUN_CWD }));
  }
  const records: EventRecord[] = [...home.look(source)];
  const models = { [SONNET]: [0, 1, 0, 0, 0.01] } as const;
  for (const part of messages) {
    const result = resultLine({ session: part.session, usd: 0.01, models });
    home.stream(`20261124_081001-${part.session}.jsonl`, initLine(part.session), streamLine(part), result);
  }
  records.push(...home.look(source));
  const { output, ended } = countOf(records);
  assert.deepEqual([output, ended["success"]], [sessions, sessions]);
});

Deno.test("look() counts more calls than it remembers once when it meets a large home", () => {
  using home = new ClaudeHome();
  const [sessions, calls] = [1_400, 50];
  const models = { [SONNET]: [calls, calls, 0, 0, 0.01] } as const;
  for (let at = 0; at < sessions; at++) {
    const session = `s${at}`;
    const parts = Array.from({ length: calls }, (_, call) => {
      const tool = { id: `t${at}_${call}`, name: "Read" };
      return { id: `m${at}_${call}`, session, input: 1, output: 1, tool, cwd: RUN_CWD };
    });
    const [transcript, stream] = [`projects/-run/${session}.jsonl`, `20261124_081001-${session}.jsonl`];
    home.append(transcript, ...parts.map(transcriptLine));
    home.stream(stream, initLine(session), ...parts.map(streamLine), resultLine({ session, usd: 0.01, models }));
    // As they are written in years: one after the other.
    for (const path of [transcript, `streams/${stream}`]) setAge(home, path, (sessions - at) * 60_000);
  }
  const { output, tools, ended } = countOf(home.look(home.source()));
  assert.deepEqual([output, tools["Read"], ended["success"]], [sessions * calls, sessions * calls, sessions]);
});

Deno.test("look() finds a new transcript in a directory whose time does not move", () => {
  using home = new ClaudeHome();
  const source = home.source();
  home.append(TRANSCRIPT, transcriptLine({ ...A, cwd: AGENT_CWD }));
  setAge(home, "projects/-run", DAY_MS);
  home.look(source);
  home.append("projects/-run/s2.jsonl", transcriptLine({ ...B, session: "s2", cwd: AGENT_CWD }));
  setAge(home, "projects/-run", DAY_MS);
  const records: EventRecord[] = [];
  for (let look = 0; look < 20; look++) {
    home.nowMs += 10_000;
    records.push(...home.look(source));
  }
  assert.equal(countOf(records).output, 200);
});
