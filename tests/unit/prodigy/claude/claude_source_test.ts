import assert from "node:assert/strict";
import type { EventRecord } from "../../../../lib/event/record.ts";
import type { Batch } from "../../../../lib/source/source.ts";
import type { ClaudeSource } from "../../../../lib/prodigy/claude/claude_source.ts";
import {
  AGENT_CWD,
  AGENT_RUN,
  ClaudeHome,
  countOf,
  initLine,
  NOTHING,
  promptLine,
  recordsOf,
  resultLine,
  RUN,
  RUN_CWD,
  SONNET,
  streamLine,
  transcriptLine,
} from "../../../support/claude_home.ts";

const TRANSCRIPT = "projects/-home-dev--prodigy-worktrees-demo-app-workflow-1795507800000/s1.jsonl";
const AGENT_TRANSCRIPT = "projects/-agent/a1.jsonl";
const STREAM = "20261124_081001-73e2420b-9a3a-4fbc-af1b-b5a46f5e38c7.jsonl";
const QUIET_MS = 20 * 60_000;

const A1 = { id: "msg_a", input: 4, output: 3, read: 14_000, creation: 1_500 };
const A2 = { ...A1, output: 87, tool: { id: "toolu_1", name: "Read" } };
const B1 = { id: "msg_b", input: 6, output: 210, read: 15_500, creation: 320 };
const B2 = { ...B1, output: 294, tool: { id: "toolu_2", name: "Edit" } };
const TOTALS = { [SONNET]: [10, 381, 29_500, 1_820, 0.0213] } as const;
/** What a session of these two messages comes to by the price table: above what its stream states. */
const ESTIMATE_USD = 0.02142;

const TOKENS = { input: 10, output: 381, read: 29_500, creation: 1_820 };
const SESSION = { ...NOTHING, ...TOKENS, tools: { Read: 1, Edit: 1 }, started: 1 };
const ENDED = { ...SESSION, usd: 0.0213, ended: { success: 1 } };

function writeTranscript(home: ClaudeHome): void {
  const timestamp = new Date(home.nowMs).toISOString();
  home.append(
    TRANSCRIPT,
    promptLine(RUN_CWD),
    ...[A1, A2, B1, B2].map((part) => transcriptLine({ ...part, timestamp })),
  );
}

function writeStream(home: ClaudeHome): void {
  const lines = [initLine(), ...[A1, A2, B1, B2].map(streamLine), resultLine({ usd: 0.0213, models: TOTALS })];
  home.stream(STREAM, ...lines);
}

Deno.test("look() counts each way a session can be written once, and its cost as stated", () => {
  type Act = (home: ClaudeHome) => void;
  const table: readonly { readonly name: string; readonly acts: readonly Act[] }[] = [
    { name: "stream only", acts: [writeStream] },
    { name: "transcript, then stream", acts: [writeTranscript, writeStream] },
    { name: "stream, then transcript", acts: [writeStream, writeTranscript] },
    {
      name: "both at once",
      acts: [(home): void => {
        writeTranscript(home);
        writeStream(home);
      }],
    },
    {
      name: "the history copied into another transcript",
      acts: [writeTranscript, writeStream, (home): void => {
        home.append(
          "projects/-x/s2.jsonl",
          ...[A1, A2, B1, B2].map((part) => transcriptLine({ ...part, session: "s1" })),
        );
      }],
    },
    {
      name: "a stream with early usage only, its result larger",
      acts: [(home): void => {
        const lines = [A1, { ...A2, output: 3 }, { ...B2, output: 3 }].map(streamLine);
        home.stream(STREAM, initLine(), ...lines, resultLine({ usd: 0.0213, models: TOTALS }));
      }, writeTranscript],
    },
  ];
  for (const { name, acts } of table) {
    using home = new ClaudeHome();
    const source = home.source();
    const records: EventRecord[] = [];
    for (const act of acts) {
      act(home);
      records.push(...home.look(source));
    }
    home.nowMs += QUIET_MS;
    records.push(...home.look(source));
    assert.deepEqual(countOf(records), ENDED, name);
    assert.ok(records.every((record) => record.runId === RUN && record.origin === "state"), name);
  }
});

Deno.test("look() follows a growing transcript by increments", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const step = (...lines: readonly unknown[]): unknown => {
    home.append(AGENT_TRANSCRIPT, ...lines);
    const { input, output, read, creation, creation1h, tools } = countOf(home.look(source));
    return [input, output, read, creation, creation1h, tools];
  };
  const line = (parts: Parameters<typeof transcriptLine>[0]): unknown => transcriptLine({ ...parts, cwd: AGENT_CWD });
  assert.deepEqual(step(promptLine(AGENT_CWD)), [0, 0, 0, 0, 0, {}]);
  assert.deepEqual(step(line({ id: "m1", input: 5, output: 40, read: 100, creation: 9, creation1h: 4 })), [
    5,
    40,
    100,
    9,
    4,
    {},
  ]);
  assert.deepEqual(step(line({ id: "m1", input: 5, output: 120, read: 100, creation: 9, creation1h: 4 })), [
    0,
    80,
    0,
    0,
    0,
    {},
  ]);
  assert.deepEqual(step(line({ id: "m1", input: 5, output: 90, read: 100 })), [0, 0, 0, 0, 0, {}]);
  assert.deepEqual(
    step(
      line({ id: "m2", output: 1, tool: { id: "t1", name: "Bash" } }),
      line({ id: "m2", output: 1, tool: { id: "t1", name: "Bash" } }),
    ),
    [0, 1, 0, 0, 0, { Bash: 1 }],
  );
  assert.deepEqual(step(), [0, 0, 0, 0, 0, {}]);
});

Deno.test("look() keeps an unfinished line back until it is whole", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const text = JSON.stringify(transcriptLine({ id: "m1", output: 7, cwd: AGENT_CWD }));
  home.appendText(AGENT_TRANSCRIPT, text.slice(0, 300));
  assert.deepEqual(home.look(source), []);
  home.appendText(AGENT_TRANSCRIPT, text.slice(300));
  assert.equal(countOf(home.look(source)).output, 7);
  home.appendText(AGENT_TRANSCRIPT, "\n");
  assert.deepEqual(home.look(source), []);
  home.append(AGENT_TRANSCRIPT, transcriptLine({ id: "m2", output: 1, cwd: AGENT_CWD }));
  assert.equal(countOf(home.look(source)).output, 1);
});

Deno.test("look() reads a stream seen half-written to its end", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const text = [initLine(), streamLine(A2), streamLine(B2), resultLine({ usd: 0.0213, models: TOTALS })]
    .map((line) => JSON.stringify(line)).join("\n");
  const records: EventRecord[] = [];
  for (let at = 0; at < text.length; at += 333) {
    home.appendText(`streams/${STREAM}`, text.slice(at, at + 333));
    records.push(...home.look(source));
  }
  assert.deepEqual(countOf(records), ENDED);
});

Deno.test("look() counts a session of long ago once though its files come one after the other", () => {
  const stream = (home: ClaudeHome): void => {
    const lines = [initLine(), ...[A1, A2, B1, B2].map(streamLine), resultLine({ usd: 0.0213, models: TOTALS })];
    home.stream(STREAM.replace("2026", "2019"), ...lines);
  };
  const transcript = (home: ClaudeHome): void =>
    home.append(
      TRANSCRIPT,
      ...[A1, A2, B1, B2].map((part) => transcriptLine({ ...part, cwd: RUN_CWD, timestamp: "2019-11-24T08:10:01Z" })),
    );
  for (const acts of [[stream, transcript], [transcript, stream]]) {
    using home = new ClaudeHome();
    const source = home.source();
    const records = acts.flatMap((act) => {
      act(home);
      return home.look(source);
    });
    const { usd, ...counted } = countOf(records);
    const { usd: _, ...expected } = { ...SESSION, ended: { success: 1 } };
    assert.deepEqual(counted, expected);
    assert.equal(usd, acts[0] === stream ? 0.0213 : ESTIMATE_USD);
  }
});

Deno.test("look() counts a message once that a resumed session's transcript has a copy of, in any order", () => {
  const early = { id: "m1", output: 1 };
  const final = { id: "m1", output: 100 };
  const models = { [SONNET]: [0, 100, 0, 0, 1] } as const;
  const stream = (home: ClaudeHome, part: typeof early): void =>
    home.stream(STREAM, initLine(), streamLine(part), resultLine({ usd: 1, models }));
  const copy = (home: ClaudeHome): void =>
    home.append("projects/-run/s2.jsonl", transcriptLine({ ...final, session: "s2", cwd: AGENT_CWD }));
  const orders: readonly (readonly ((home: ClaudeHome) => void)[])[] = [
    [(home): void => stream(home, early), copy],
    [(home): void => stream(home, final), copy],
    [copy, (home): void => stream(home, final)],
    [copy, (home): void => stream(home, early)],
  ];
  for (const acts of orders) {
    for (const isRestarted of [false, true]) {
      using home = new ClaudeHome();
      let source = home.source();
      const records = acts.flatMap((act) => {
        act(home);
        const told = home.look(source);
        const state = JSON.parse(JSON.stringify(source.saveState()));
        if (isRestarted) (source = home.source()).loadState(state);
        return told;
      });
      const { output, usd } = countOf(records);
      assert.deepEqual([output, usd], [100, 1]);
    }
  }
});

Deno.test("look() starts over in a cut or replaced file without counting its messages again", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const old = transcriptLine({ id: "m1", output: 7, cwd: AGENT_CWD });
  home.append(AGENT_TRANSCRIPT, old, transcriptLine({ id: "m2", output: 2, cwd: AGENT_CWD }));
  assert.equal(countOf(home.look(source)).output, 9);
  Deno.truncateSync(`${home.root}/${AGENT_TRANSCRIPT}`);
  home.append(AGENT_TRANSCRIPT, transcriptLine({ id: "m3", output: 1, cwd: AGENT_CWD }));
  assert.equal(countOf(home.look(source)).output, 1);
  home.append("projects/-agent/new", old, transcriptLine({ id: "m4", output: 3, cwd: AGENT_CWD }));
  Deno.renameSync(`${home.root}/projects/-agent/new`, `${home.root}/${AGENT_TRANSCRIPT}`);
  assert.equal(countOf(home.look(source)).output, 3);
});

Deno.test("look() counts sub-agents' files to their session", () => {
  using home = new ClaudeHome();
  const source = home.source();
  home.append("projects/-agent/s1.jsonl", transcriptLine({ id: "m1", output: 1, cwd: AGENT_CWD }));
  home.append("projects/-agent/s1/subagents/agent-7.jsonl", transcriptLine({ id: "m2", output: 2, cwd: AGENT_CWD }));
  const records = home.look(source);
  assert.deepEqual([countOf(records).output, countOf(records).started], [3, 1]);
  assert.ok(records.every((record) => record.runId === AGENT_RUN));
});

Deno.test("look() counts only lines from Prodigy's worktrees, unless all are wanted", () => {
  const lines = [
    transcriptLine({ id: "m1", output: 1, cwd: "/home/dev/app" }),
    transcriptLine({ id: "m2", output: 2, cwd: null }),
    transcriptLine({ id: "m3", output: 4, cwd: AGENT_CWD }),
    transcriptLine({ id: "m4", output: 8, cwd: null }),
    promptLine("/home/dev/app"),
    transcriptLine({ id: "m5", output: 16, cwd: null }),
    promptLine(`${AGENT_CWD}/src/deep`),
    transcriptLine({ id: "m6", output: 32, cwd: null }),
  ];
  for (const [transcripts, output] of [["prodigy", 44], ["all", 63], ["off", 0]] as const) {
    using home = new ClaudeHome();
    const source = home.source({ transcripts });
    home.append(AGENT_TRANSCRIPT, ...lines);
    assert.equal(countOf(home.look(source)).output, output, transcripts);
  }
});

Deno.test("look() passes over other people's files and finds a later line from a worktree in them", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const filler = transcriptLine({ id: "m0", output: 1, cwd: "/home/dev/app" });
  for (let block = 0; block < 4; block++) home.append(AGENT_TRANSCRIPT, ...Array.from({ length: 300 }, () => filler));
  home.append(AGENT_TRANSCRIPT, transcriptLine({ id: "m1", output: 2, cwd: AGENT_CWD }));
  assert.equal(countOf(home.look(source)).output, 2);
});

Deno.test("look() holds a plain step's cost back for its stream, and charges the estimate when none comes", () => {
  using home = new ClaudeHome();
  const source = home.source();
  writeTranscript(home);
  assert.deepEqual(countOf(home.look(source)), { ...SESSION, usd: 0 });
  home.nowMs += QUIET_MS - 60_000;
  assert.deepEqual(home.look(source), []);
  home.nowMs += 60_000;
  assert.deepEqual(countOf(home.look(source)), { ...NOTHING, usd: ESTIMATE_USD });
  home.nowMs += QUIET_MS;
  assert.deepEqual(home.look(source), []);
});

Deno.test("look() charges the estimate at once for a session that spoke long ago, however new its file is", () => {
  for (const hours of [-1, 1]) {
    using home = new ClaudeHome();
    const source = home.source();
    const timestamp = new Date(home.nowMs + hours * 3_600_000).toISOString();
    home.append(TRANSCRIPT, ...[A1, A2, B1, B2].map((part) => transcriptLine({ ...part, timestamp })));
    assert.deepEqual(countOf(home.look(source)), { ...SESSION, usd: ESTIMATE_USD }, `${hours} h`);
  }
});

Deno.test("look() charges the estimate at once when a stream ended without a result, but not in the middle of one", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const lines = [initLine(), ...[A1, A2, B1, B2].map(streamLine)].map((line) => JSON.stringify(line));
  home.appendText(`streams/${STREAM}`, `${lines.slice(0, 3).join("\n")}\n`);
  assert.equal(countOf(home.look(source)).usd, 0);
  home.appendText(`streams/${STREAM}`, lines.slice(3).join("\n"));
  assert.equal(countOf(home.look(source)).usd, ESTIMATE_USD);
});

Deno.test("look() charges only the difference when a stream comes after the estimate was charged", () => {
  for (const [usd, more] of [[0.0213, 0], [0.05, 0.05 - ESTIMATE_USD]] as const) {
    using home = new ClaudeHome();
    const source = home.source();
    writeTranscript(home);
    home.look(source);
    assert.equal(countOf(recordsOf(source.settle())).usd, ESTIMATE_USD);
    assert.deepEqual([...source.settle()], []);
    home.stream(STREAM, initLine(), resultLine({ usd, models: { [SONNET]: [10, 381, 29_500, 1_820, usd] } }));
    const late = countOf(home.look(source));
    assert.deepEqual([late.output, late.usd], [0, Math.round(more * 1e10) / 1e10]);
  }
});

Deno.test("look() prices an agent's session at once, as no stream is written for it", () => {
  using home = new ClaudeHome();
  const source = home.source();
  home.append(AGENT_TRANSCRIPT, ...[A1, A2, B1, B2].map((part) => transcriptLine({ ...part, cwd: AGENT_CWD })));
  assert.equal(countOf(home.look(source)).usd, ESTIMATE_USD);
});

Deno.test("look() counts tokens of an unknown model as unpriced, unless a stream states their cost", () => {
  const own = { id: "m1", model: "claude-of-tomorrow", input: 30, output: 12 };
  {
    using home = new ClaudeHome();
    const source = home.source();
    home.append(AGENT_TRANSCRIPT, transcriptLine({ ...own, cwd: AGENT_CWD }));
    const { unpriced, usd } = countOf(home.look(source));
    assert.deepEqual([unpriced, usd], [42, 0]);
  }
  {
    using home = new ClaudeHome();
    const source = home.source();
    home.append(TRANSCRIPT, transcriptLine({ ...own, timestamp: new Date(home.nowMs).toISOString() }));
    const early = home.look(source);
    assert.deepEqual([countOf(early).input, countOf(early).unpriced], [30, 0], "the tokens at once, their price later");
    home.stream(
      STREAM,
      initLine(),
      streamLine(own),
      resultLine({ usd: 0.5, models: { [own.model]: [30, 12, 0, 0, 0.5] } }),
    );
    const { input, output, unpriced, usd } = countOf([...early, ...home.look(source)]);
    assert.deepEqual([input, output, unpriced, usd], [30, 12, 0, 0.5]);
  }
  {
    using home = new ClaudeHome();
    const source = home.source();
    home.append(TRANSCRIPT, transcriptLine({ ...own, timestamp: new Date(home.nowMs).toISOString() }));
    const early = countOf(home.look(source));
    const late = countOf(recordsOf(source.settle()));
    assert.deepEqual([early.input, early.unpriced, late.input, late.unpriced], [30, 0, 0, 42]);
  }
});

Deno.test("look() attributes a stream's cost to its models", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const haiku = "claude-haiku-4-5-20251001";
  home.stream(
    STREAM,
    initLine(),
    streamLine(A2),
    resultLine({ usd: 0.03, models: { [`${SONNET}[1m]`]: [4, 87, 14_000, 1_500, 0.02], [haiku]: [9, 5, 0, 0, 0.01] } }),
  );
  const byModel = Map.groupBy(
    home.look(source),
    ({ event }) => event.type === "claude_token_usage" ? event.model : "none",
  );
  const { input, output, usd } = countOf(byModel.get(SONNET) ?? []);
  assert.deepEqual([input, output, usd], [4, 87, 0.02]);
  assert.deepEqual(countOf(byModel.get(haiku) ?? []), { ...NOTHING, input: 9, output: 5, usd: 0.01 });
});

Deno.test("look() estimates what a resumed session uses beyond its stream's totals", () => {
  using home = new ClaudeHome();
  const source = home.source();
  writeStream(home);
  home.look(source);
  home.append(TRANSCRIPT, transcriptLine({ id: "msg_c", output: 1_000_000 }));
  const { output, usd } = countOf(home.look(source));
  assert.deepEqual([output, usd], [1_000_000, 15]);
});

Deno.test("look() takes a result's usage when it lists no models, and its cost for the whole session", () => {
  using home = new ClaudeHome();
  const source = home.source();
  home.stream(
    STREAM,
    initLine(),
    streamLine({ id: "m1", input: 1, output: 2 }),
    resultLine({ usd: 0.5, usage: [10, 20] }),
  );
  const first = countOf(home.look(source));
  assert.deepEqual([first.input, first.output, first.usd], [10, 20, 0.5]);
  home.append(TRANSCRIPT, transcriptLine({ id: "m2", output: 100 }));
  const second = countOf(home.look(source));
  assert.deepEqual([second.output, second.usd], [82, 0]);
});

Deno.test("look() charges estimates when a stream states no cost", () => {
  using home = new ClaudeHome();
  const source = home.source();
  home.stream(
    STREAM,
    initLine(),
    streamLine({ id: "m1", output: 10 }),
    resultLine({ usd: null, models: { [SONNET]: [0, 1_000_000, 0, 0, null] } }),
  );
  const { output, usd } = countOf(home.look(source));
  assert.deepEqual([output, usd], [1_000_000, 15]);
});

Deno.test("look() names how sessions end and what went wrong", () => {
  const overloaded = {
    ...initLine() as object,
    type: "assistant",
    isApiErrorMessage: true,
    message: { id: "e1", model: "<synthetic>", content: [{ type: "text", text: "API Error: 529 overloaded" }] },
  };
  const table: readonly (readonly [lines: readonly unknown[], ended: string, errors: Record<string, number>])[] = [
    [[resultLine({})], "success", {}],
    [[resultLine({ subtype: "error_max_turns" })], "error_max_turns", { error_max_turns: 1 }],
    [[resultLine({ subtype: "error_of_tomorrow" })], "other", { other: 1 }],
    [[resultLine({ subtype: "error_during_execution", isError: true })], "error", { error_during_execution: 1 }],
    [[resultLine({ isError: true, text: "API Error: 401 no" })], "error", { authentication_failed: 1 }],
    [[overloaded, resultLine({ isError: true, text: "API Error: 529" })], "error", { overloaded: 1 }],
    [[{ ...streamLine({ id: "m" }) as object, error: "billing_error" }, resultLine({})], "success", {
      billing_error: 1,
    }],
  ];
  for (const [lines, ended, errors] of table) {
    using home = new ClaudeHome();
    const source = home.source();
    home.stream(STREAM, initLine(), ...lines);
    const counted = countOf(home.look(source));
    assert.deepEqual([counted.ended, counted.errors], [{ [ended]: 1 }, errors]);
  }
});

Deno.test("look() counts an API error once though it is copied, and no usage for it", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const line = {
    ...transcriptLine({ id: "e1", model: "<synthetic>", output: 9, cwd: AGENT_CWD }) as object,
    isApiErrorMessage: true,
    error: "rate_limit",
  };
  home.append(AGENT_TRANSCRIPT, line);
  home.append("projects/-copy/x.jsonl", line);
  assert.deepEqual(countOf(home.look(source)), { ...NOTHING, errors: { rate_limit: 1 }, started: 1 });
});

const API_ERROR = 'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';

/** A message Claude Code made up about a failed request, as the older form of a stream has it: without a word for it. */
function errorStreamLine(id: string): unknown {
  const content = [{ type: "text", text: API_ERROR }];
  return { type: "assistant", session_id: "s1", message: { id, model: "<synthetic>", role: "assistant", content } };
}

function errorTranscriptLine(id: string): unknown {
  return { ...errorStreamLine(id) as object, cwd: RUN_CWD, isApiErrorMessage: true, error: "overloaded" };
}

/** A command that the API failed, in the older form of a stream. */
function writeFailedStream(home: ClaudeHome, command: number): void {
  const result = resultLine({ isError: true, text: API_ERROR, durationMs: command });
  home.stream(`20261124_08100${command}-x.jsonl`, initLine(), errorStreamLine(`e${command}`), result);
}

Deno.test("look() counts an API error once though a stream's result and a transcript tell it, in any order", () => {
  const stream = (command: number) => (home: ClaudeHome): void => writeFailedStream(home, command);
  const transcript = (command: number) => (home: ClaudeHome): void =>
    home.append(TRANSCRIPT, errorTranscriptLine(`e${command}`));
  type Act = (home: ClaudeHome) => void;
  const table: readonly {
    readonly name: string;
    readonly looks: readonly (readonly Act[])[];
    readonly errors: number;
  }[] = [
    { name: "both in one look", looks: [[stream(1), transcript(1)]], errors: 1 },
    { name: "stream, then transcript", looks: [[stream(1)], [transcript(1)]], errors: 1 },
    { name: "transcript, then stream", looks: [[transcript(1)], [stream(1)]], errors: 1 },
    {
      name: "a resumed session, all in one look",
      looks: [[1, 2].flatMap((id) => [stream(id), transcript(id)])],
      errors: 2,
    },
    {
      name: "a resumed session, streams first",
      looks: [[stream(1)], [stream(2)], [transcript(1)], [transcript(2)]],
      errors: 2,
    },
    {
      name: "a resumed session, in turns",
      looks: [[stream(1)], [transcript(1)], [stream(2)], [transcript(2)]],
      errors: 2,
    },
    { name: "a further error in the transcript", looks: [[stream(1)], [transcript(1)], [transcript(2)]], errors: 2 },
    { name: "the transcript copied", looks: [[stream(1)], [transcript(1)], [transcript(1)]], errors: 1 },
  ];
  for (const { name, looks, errors } of table) {
    using home = new ClaudeHome();
    const records = withRestarts(home, looks.map((acts) => (): void => acts.forEach((act) => act(home))));
    assert.deepEqual(countOf(records).errors, { overloaded: errors }, name);
  }
});

Deno.test("look() takes a stream's own error lines for new, though an earlier result told an error", () => {
  using home = new ClaudeHome();
  const source = home.source();
  writeFailedStream(home, 1);
  const result = resultLine({ isError: true, text: API_ERROR, durationMs: 2 });
  const line = { ...errorStreamLine("e2") as object, error: "rate_limit" };
  const first = home.look(source);
  home.stream("20261124_081002-x.jsonl", initLine(), line, result);
  assert.deepEqual(countOf([...first, ...home.look(source)]).errors, { overloaded: 1, rate_limit: 1 });
});

Deno.test("look() counts a copied stream once, with and without ids in its lines", () => {
  for (const parts of [{ uuid: "u1" }, {}]) {
    using home = new ClaudeHome();
    const lines = [
      initLine(),
      ...[A1, A2, B1, B2].map(streamLine),
      resultLine({ ...parts, usd: 0.0213, models: TOTALS }),
    ];
    const records = withRestarts(home, [
      (): void => home.stream(STREAM, ...lines),
      (): void => home.stream(`copy-of-${STREAM}`, ...lines),
      (): void => writeTranscript(home),
    ]);
    assert.deepEqual(countOf(records), ENDED, JSON.stringify(parts));
  }
});

Deno.test("look() counts every command of a resumed session, with and without ids in its result lines", () => {
  const models = { [SONNET]: [1, 2, 0, 0, 0.5] } as const;
  const table = [
    [{ uuid: "u1" }, { uuid: "u2" }],
    [{ durationMs: 2_345 }, { durationMs: 2_346 }],
    [{ usd: 0.5 }, { usd: 0.25 }],
  ] as const;
  for (const commands of table) {
    using home = new ClaudeHome();
    const source = home.source();
    commands.forEach((parts, command) =>
      home.stream(`2026112${command}_081001-x.jsonl`, initLine(), resultLine({ usd: 0.5, models, ...parts }))
    );
    const { input, output, ended } = countOf(home.look(source));
    assert.deepEqual([input, output, ended], [2, 4, { success: 2 }], JSON.stringify(commands));
  }
});

Deno.test("look() takes a result's usage when its models list no tokens, and their cost by model", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const result = {
    ...resultLine({ usd: 0.5, usage: [20, 300] }) as object,
    modelUsage: { [SONNET]: { costUSD: 0.5 } },
  };
  home.stream(STREAM, initLine(), streamLine({ id: "m1", input: 10, output: 5 }), result);
  const { input, output, usd } = countOf(home.look(source));
  assert.deepEqual([input, output, usd], [20, 300, 0.5]);
});

Deno.test("look() reads a line of more tool calls than a function takes arguments", () => {
  using home = new ClaudeHome();
  const source = home.source({ lineMaxBytes: 64 * 1024 * 1024 });
  const content = Array.from({ length: 300_000 }, () => ({ type: "tool_use", name: "Read" }));
  const message = { id: "m1", role: "assistant", content };
  home.append(AGENT_TRANSCRIPT, { type: "assistant", sessionId: "s1", cwd: AGENT_CWD, message });
  assert.deepEqual(countOf(home.look(source)).tools, { Read: 300_000 });
});

Deno.test("look() survives junk among the lines", () => {
  using home = new ClaudeHome();
  const source = home.source();
  const junk = [
    "",
    "   ",
    "Warning: not JSON",
    '{"type":"assistant"',
    '["assistant"]',
    '"assistant"',
    '{"type":"assistant","message":7}',
    '{"type":"assistant","message":{"id":"j1","usage":{"output_tokens":-5,"input_tokens":"9"}}}',
    '{"type":"assistant","message":{"id":"j2","usage":{"output_tokens":1e99,"input_tokens":1.5},"content":"text"}}',
    '{"type":"assistant","message":{"id":"j3","usage":null,"content":[null,{"type":"tool_use","name":7}]}}',
    '{"type":"assistant","message":{"id":"constructor","model":"__proto__","usage":{"output_tokens":1}}}',
    '{"type":"result","modelUsage":[1],"total_cost_usd":"free","usage":[]}',
    '{"type":"system","subtype":"init","cwd":7,"session_id":null,"model":""}',
    "\u0000\ufffd",
  ];
  home.appendText(
    `streams/${STREAM}`,
    [JSON.stringify(initLine()), ...junk, JSON.stringify(streamLine(A2))].join("\r\n"),
  );
  const counted = countOf(home.look(source));
  assert.deepEqual([counted.input, counted.output, counted.ended], [4, 88, { other: 1 }]);
});

Deno.test("look() gives nothing of what was said or done away", () => {
  using home = new ClaudeHome();
  const source = home.source();
  writeTranscript(home);
  writeStream(home);
  const everything = JSON.stringify([home.look(source), source.saveState(), source.health()]);
  assert.ok(everything.includes("toolu_1"));
  assert.ok(!everything.includes("PRIVATE"));
});

/** Plays acts, restarting the source by its saved state after each, and counts. */
function withRestarts(home: ClaudeHome, acts: readonly (() => void)[]): readonly EventRecord[] {
  let source: ClaudeSource = home.source();
  return acts.flatMap((act) => {
    act();
    const records = home.look(source);
    const state: unknown = JSON.parse(JSON.stringify(source.saveState()));
    source.close();
    source = home.source();
    source.loadState(state);
    return records;
  });
}

Deno.test("loadState() goes on where saveState() stopped", () => {
  using home = new ClaudeHome();
  const timestamp = new Date(home.nowMs).toISOString();
  const records = withRestarts(home, [
    (): void => home.append(TRANSCRIPT, promptLine(RUN_CWD), transcriptLine({ ...A1, timestamp })),
    (): void => home.append(TRANSCRIPT, transcriptLine({ ...A2, cwd: null, timestamp })),
    (): void => home.append(TRANSCRIPT, ...[B1, B2].map((part) => transcriptLine({ ...part, timestamp }))),
    (): void => {},
    (): void => writeStream(home),
    (): void => home.append("projects/-copy/x.jsonl", transcriptLine(A2), transcriptLine(B2)),
    (): void => {},
  ]);
  assert.deepEqual(countOf(records), ENDED);
});

Deno.test("saveState() between two batches loses and doubles nothing", () => {
  using home = new ClaudeHome();
  for (let file = 0; file < 5; file++) {
    home.append(`projects/-${file}/s.jsonl`, transcriptLine({ id: `m${file}`, output: 1, cwd: AGENT_CWD }));
  }
  home.nowMs += 1_000;
  for (let stopAfter = 0; stopAfter <= 5; stopAfter++) {
    const source = home.source();
    let state: unknown = source.saveState();
    let output = 0;
    let batches = 0;
    for (const batch of source.look(home.nowMs)) {
      output += countOf(recordsOf([batch])).output;
      state = structuredClone(source.saveState());
      if (++batches >= stopAfter) break;
    }
    const next = home.source();
    next.loadState(state);
    assert.equal(output + countOf(home.look(next)).output, 5, `stopped after ${stopAfter}`);
  }
});

Deno.test("look() goes on where an interrupted one stopped", () => {
  using home = new ClaudeHome();
  const source = home.source();
  for (let file = 0; file < 120; file++) {
    home.append(`projects/-${file}/s.jsonl`, transcriptLine({ id: `m${file}`, output: 1, cwd: AGENT_CWD }));
  }
  let output = 0;
  for (let stopAfter = 1; stopAfter <= 20; stopAfter++) {
    home.nowMs += 1;
    let batches = 0;
    for (const batch of source.look(home.nowMs)) {
      output += countOf(recordsOf([batch])).output;
      if (++batches >= stopAfter) break;
    }
  }
  assert.equal(output, 120);
});

Deno.test("loadState() refuses what saveState() did not give, and keeps what it knew", () => {
  using home = new ClaudeHome();
  const source = home.source();
  writeStream(home);
  home.look(source);
  const good = JSON.parse(JSON.stringify(source.saveState()));
  const damaged: readonly unknown[] = [
    null,
    7,
    {},
    { ...good, version: 2 },
    { ...good, streams: { x: [1] } },
    { ...good, streams: { x: [-1, 1, 1, false] } },
    { ...good, transcripts: { x: [1, 1, 1, false, 7] } },
    { ...good, activity: [["run"]] },
    { ...good, meter: { ...good.meter, seen: ["short", ""] } },
    { ...good, meter: { ...good.meter, messages: [["m", 1]] } },
    { ...good, meter: { ...good.meter, sessions: [{ sessionId: "s" }] } },
    { ...good, meter: { ...good.meter, sessions: [{ ...good.meter.sessions[0], resultErrors: null }] } },
  ];
  for (const state of damaged) assert.throws(() => source.loadState(state), TypeError, JSON.stringify(state));
  assert.deepEqual(home.look(source), []);
});

Deno.test("loadState() takes sessions that were saved without their results' errors", () => {
  using home = new ClaudeHome();
  const source = home.source();
  writeStream(home);
  home.look(source);
  const state = JSON.parse(JSON.stringify(source.saveState()));
  for (const session of state.meter.sessions) delete session.resultErrors;
  const next = home.source();
  next.loadState(state);
  home.append(TRANSCRIPT, errorTranscriptLine("e1"));
  assert.deepEqual(countOf(home.look(next)).errors, { overloaded: 1 });
});

Deno.test("activity() tells when a run's sessions last moved", () => {
  using home = new ClaudeHome();
  const source = home.source();
  assert.equal(source.activity(AGENT_RUN), null);
  home.append(AGENT_TRANSCRIPT, promptLine(AGENT_CWD));
  const movedAt = new Date("2026-11-24T09:00:00Z");
  Deno.utimeSync(`${home.root}/${AGENT_TRANSCRIPT}`, movedAt, movedAt);
  home.look(source);
  assert.equal(source.activity(AGENT_RUN), movedAt.getTime() / 1000);
});

/** Lines and bytes a look told of. */
function readBy(batches: readonly Batch[]): readonly [lines: number, bytes: number] {
  const told = batches.map((batch) => batch.kind === "records" ? batch.read : undefined);
  return [
    told.reduce((sum, read) => sum + (read?.lines ?? 0), 0),
    told.reduce((sum, read) => sum + (read?.sizeBytes ?? 0), 0),
  ];
}

Deno.test("look() tells the lines it read, those that count nothing too, once", () => {
  using home = new ClaudeHome();
  const source = home.source();
  writeTranscript(home);
  writeStream(home);
  home.append("projects/-elsewhere/e1.jsonl", promptLine("/home/dev/elsewhere"));
  const sizes = [TRANSCRIPT, `streams/${STREAM}`].map((path) => Deno.statSync(`${home.root}/${path}`).size);
  // Five of the transcript and six of the stream; what lies outside of Prodigy's worktrees is not looked into.
  assert.deepEqual(readBy(home.batches(source)), [11, (sizes[0] ?? 0) + (sizes[1] ?? 0)]);
  assert.deepEqual(readBy(home.batches(source)), [0, 0]);
  home.append(TRANSCRIPT, promptLine(RUN_CWD));
  assert.equal(readBy(home.batches(source))[0], 1);
});
