import type { SimulatedMessage } from "../support/claude_documents.ts";
import { createLiveHome, type LiveHome, type Values } from "../support/live_home.ts";

const SONNET = "claude-sonnet-4-5-20250929";
const COST = `prodigy_claude_cost_usd_total{model="${SONNET}"}`;
const costOf = (workflow: string): string => `prodigy_claude_workflow_cost_usd_total{workflow_name="${workflow}"}`;
const tool = (name: string): string => `prodigy_claude_tool_invocations_total{tool_name="${name}"}`;
const ended = (status: string): string => `prodigy_claude_sessions_total{status="${status}"}`;
const errors = (type: string): string => `prodigy_claude_errors_total{error_type="${type}"}`;

function tokens(input: number, output: number, cache: number): Values {
  return {
    'prodigy_claude_tokens_total{token_type="input"}': input,
    'prodigy_claude_tokens_total{token_type="output"}': output,
    'prodigy_claude_tokens_total{token_type="cache"}': cache,
  };
}

const FIRST: SimulatedMessage = {
  id: "msg_1",
  usage: { inputTokens: 4, outputTokens: 87, cacheReadTokens: 14_000, cacheCreationTokens: 1_500 },
  tools: [{ id: "toolu_1", name: "Read" }],
};
const SECOND: SimulatedMessage = {
  id: "msg_2",
  usage: { inputTokens: 6, outputTokens: 294, cacheReadTokens: 15_500, cacheCreationTokens: 320 },
  tools: [{ id: "toolu_2", name: "Edit" }, { id: "toolu_3", name: "mcp__github__get_issue" }],
};
const VENDOR_USD = 0.0213;

/** A plain run whose Claude step is under way: its transcript is written on the machine's own time. */
async function startStep(home: LiveHome): Promise<{ readonly cwd: string; readonly sessionId: string }> {
  home.clock.nowMs = Date.now();
  const run = home.prodigy.startWorkflow({ name: "fix-lint" });
  await home.until({ 'prodigy_workflow_active{workflow_name="fix-lint"}': 1 });
  return { cwd: home.prodigy.worktreeOf(run), sessionId: "s1" };
}

Deno.test("a step's transcript counts while it grows, and its stream then states the cost and the outcome", async () => {
  await using home = await createLiveHome();
  const { prodigy } = home;
  const step = await startStep(home);
  prodigy.transcriptLine({ ...step, message: FIRST });
  await home.until({ ...tokens(4, 87, 15_500), [tool("Read")]: 1, [COST]: 0 });
  // Written again with more output, as Claude Code does for each block of an answer.
  prodigy.transcriptLine({ ...step, message: { ...FIRST, usage: { ...FIRST.usage, outputTokens: 100 } } });
  await home.until({ ...tokens(4, 100, 15_500), [tool("Read")]: 1 });
  prodigy.transcriptLine({ ...step, message: SECOND });
  await home.until({ ...tokens(10, 394, 31_320), [tool("Edit")]: 1, [tool("mcp__github")]: 1, [COST]: 0 });

  const messages = [{ ...FIRST, usage: { ...FIRST.usage, outputTokens: 100 } }, SECOND];
  prodigy.claudeStream({ ...step, messages, result: { subtype: "success", isError: false, costUsd: VENDOR_USD } });
  await home.until({
    ...tokens(10, 394, 31_320),
    [COST]: VENDOR_USD,
    [costOf("fix-lint")]: VENDOR_USD,
    [ended("success")]: 1,
  });
  await home.assertNothingMore();
});

Deno.test("restarts and kills between transcript and stream lose nothing and count nothing twice", async () => {
  await using home = await createLiveHome();
  const { prodigy } = home;
  const step = await startStep(home);
  prodigy.transcriptLine({ ...step, message: FIRST });
  await home.until(tokens(4, 87, 15_500));
  await home.restart("SIGKILL");
  prodigy.transcriptLine({ ...step, message: SECOND });
  await home.until({ ...tokens(10, 381, 31_320), [COST]: 0 });
  await home.restart("SIGTERM");
  prodigy.claudeStream({
    ...step,
    messages: [FIRST, SECOND],
    result: { subtype: "error_max_turns", isError: true, costUsd: VENDOR_USD },
  });
  await home.restart("SIGKILL");
  await home.until({
    ...tokens(10, 381, 31_320),
    [COST]: VENDOR_USD,
    [ended("error")]: 1,
    [errors("error_max_turns")]: 1,
  });
  await home.assertNothingMore();
});

Deno.test("an agent's transcript is priced at once, with its sub-agents and its API errors", async () => {
  await using home = await createLiveHome();
  const { prodigy, clock } = home;
  const { runId } = prodigy.startMapReduce();
  prodigy.startAgent(runId, 0);
  await home.until({ 'prodigy_workflow_active{workflow_name="mapreduce"}': 1 });
  clock.nowMs = Date.now();
  const agent = { cwd: prodigy.agentWorktreeOf(runId, 0), sessionId: "a1" };
  prodigy.transcriptLine({ ...agent, message: FIRST });
  // 4 in at 3, 87 out at 15, 14000 read at 0.30, 1500 created at 3.75 USD per million.
  const firstUsd = (12 + 1_305 + 4_200 + 5_625) / 1e6;
  await home.until({ ...tokens(4, 87, 15_500), [COST]: firstUsd, [costOf("mapreduce")]: firstUsd });
  prodigy.transcriptLine({ ...agent, subAgent: "7", message: SECOND });
  // 6 in, 294 out, 15500 read, 320 created.
  const bothUsd = firstUsd + (18 + 4_410 + 4_650 + 1_200) / 1e6;
  await home.until({ ...tokens(10, 381, 31_320), [COST]: bothUsd, [costOf("mapreduce")]: bothUsd });
  prodigy.transcriptLine({ ...agent, errorType: "rate_limit" });
  await home.until({ [errors("rate_limit")]: 1 });
  await home.assertNothingMore();
});

Deno.test("tokens of a model without a price are counted at once, and never into a cost", async () => {
  await using home = await createLiveHome();
  const step = await startStep(home);
  home.prodigy.transcriptLine({ ...step, message: { ...FIRST, model: "claude-of-tomorrow" } });
  const unpriced = 'prodigy_claude_unpriced_tokens_total{model="claude-of-tomorrow"}';
  await home.until({ ...tokens(4, 87, 15_500), [unpriced]: 0 });
  // A stream without a result: the command was killed. It says nothing of the cost, and once it rests nothing will.
  home.clock.nowMs -= 3_600_000;
  const other = { ...step, sessionId: "s2" };
  home.prodigy.transcriptLine({ ...other, message: { ...SECOND, model: "claude-of-tomorrow" } });
  await home.until({ ...tokens(10, 381, 31_320), [unpriced]: 6 + 294 + 15_500 + 320 });
  const cost = await home.program.value('prodigy_claude_cost_usd_total{model="claude-of-tomorrow"}');
  if (cost !== undefined) throw new Error(`A cost of ${cost} for a model without a price`);
});

Deno.test("a developer's own sessions are not Prodigy's", async () => {
  await using home = await createLiveHome();
  home.clock.nowMs = Date.now();
  home.prodigy.transcriptLine({ cwd: "/home/dev/app", sessionId: "own", message: FIRST });
  const step = await startStep(home);
  home.prodigy.transcriptLine({ ...step, message: SECOND });
  await home.until({ ...tokens(6, 294, 15_820), [tool("Read")]: 0 });
});
