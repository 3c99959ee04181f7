import assert from "node:assert/strict";
import fc from "fast-check";
import type { EventRecord } from "../../lib/event/record.ts";
import {
  ClaudeHome,
  countOf,
  initLine,
  type MessageParts,
  resultLine,
  RUN_CWD,
  SONNET,
  streamLine,
  transcriptLine,
} from "../support/claude_home.ts";

interface Drawn {
  readonly id: number;
  readonly output: number;
  readonly read: number;
  readonly tool: number;
}

const drawnMessage: fc.Arbitrary<Drawn> = fc.record({
  id: fc.integer({ min: 0, max: 5 }),
  output: fc.integer({ min: 0, max: 50 }),
  read: fc.integer({ min: 0, max: 50 }),
  tool: fc.integer({ min: 0, max: 3 }),
});

/** Where each line is written, and how the text is torn between looks. */
const drawnSession = fc.record({
  messages: fc.array(fc.tuple(drawnMessage, fc.constantFrom("own", "copy", "agent", "stream")), { maxLength: 12 }),
  cuts: fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 1, maxLength: 4 }),
  streamFirst: fc.boolean(),
  restarts: fc.boolean(),
  streamIsCopied: fc.boolean(),
  hasIds: fc.boolean(),
  beyond: fc.integer({ min: 0, max: 30 }),
});

const FILES = {
  own: "projects/-run/s1.jsonl",
  copy: "projects/-copy/s2.jsonl",
  agent: "projects/-run/s1/subagents/agent-1.jsonl",
  stream: "streams/20261124_081001-x.jsonl",
  streamCopy: "streams/20261124_081001-x (copy).jsonl",
} as const;

function partsOf({ id, output, read, tool }: Drawn): MessageParts {
  return { id: `m${id}`, output, read, ...(tool === 0 ? {} : { tool: { id: `t${tool}`, name: "Read" } }) };
}

/** What must be counted, from the drawn lines alone: the maximum of each message, each tool once. */
function expected(drawn: readonly Drawn[]): { output: number; read: number; tools: number } {
  const largest = (pick: (message: Drawn) => number): number =>
    [...Map.groupBy(drawn, (message) => message.id).values()]
      .reduce((sum, lines) => sum + Math.max(...lines.map(pick)), 0);
  const tools = new Set(drawn.map((message) => message.tool).filter((tool) => tool !== 0)).size;
  return { output: largest((message) => message.output), read: largest((message) => message.read), tools };
}

Deno.test("the Claude source counts each message's maximum, each tool and the stated cost once, however they are written", () => {
  fc.assert(
    fc.property(drawnSession, ({ messages, cuts, streamFirst, restarts, streamIsCopied, hasIds, beyond }) => {
      using home = new ClaudeHome();
      const { output, read, tools } = expected(messages.map(([message]) => message));
      const texts = new Map<string, string>(Object.values(FILES).map((file) => [file, ""]));
      const write = (file: string, line: unknown): unknown =>
        texts.set(file, `${texts.get(file) ?? ""}${JSON.stringify(line)}\n`);
      write(FILES.stream, initLine());
      for (const [message, where] of messages) {
        const parts = { ...partsOf(message), cwd: RUN_CWD };
        write(FILES[where], where === "stream" ? streamLine(parts) : transcriptLine(parts));
      }
      // The result may state more than the message lines do.
      const models = { [SONNET]: [0, output + beyond, read, 0, 0.25] } as const;
      write(FILES.stream, resultLine({ usd: 0.25, models, ...(hasIds ? { uuid: "r1" } : {}) }));
      if (streamIsCopied) texts.set(FILES.streamCopy, texts.get(FILES.stream) ?? "");

      let source = home.source();
      const records: EventRecord[] = [];
      const files = streamFirst ? [...texts].reverse() : [...texts];
      for (const [file, text] of files) {
        let at = 0;
        for (const length of [...cuts, Infinity]) {
          if (at >= text.length) break;
          home.appendText(file, text.slice(at, at + length));
          at += length;
          records.push(...home.look(source));
          if (!restarts) continue;
          const state: unknown = JSON.parse(JSON.stringify(source.saveState()));
          source = home.source();
          source.loadState(state);
        }
      }
      const counted = countOf(records);
      assert.deepEqual(
        [counted.output, counted.read, counted.tools["Read"] ?? 0, counted.usd, counted.ended, counted.started],
        [output + beyond, read, tools, 0.25, { success: 1 }, 1],
      );
    }),
    { numRuns: 50 },
  );
});
