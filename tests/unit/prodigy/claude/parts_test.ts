import assert from "node:assert/strict";
import { errorTypeOfName, errorTypeOfText, sessionStatusOf } from "../../../../lib/prodigy/claude/error_type.ts";
import { findCwd } from "../../../../lib/prodigy/claude/line_filter.ts";
import { MessageMaxima, OPEN_MESSAGES } from "../../../../lib/prodigy/claude/message_maxima.ts";
import { parsePlace } from "../../../../lib/prodigy/claude/place.ts";
import { readResultTotals } from "../../../../lib/prodigy/claude/result_totals.ts";
import { RunActivity } from "../../../../lib/prodigy/claude/run_activity.ts";
import { SeenIds } from "../../../../lib/prodigy/claude/seen_ids.ts";
import { OPEN_SESSIONS, SessionAccounts } from "../../../../lib/prodigy/claude/session_accounts.ts";
import { NO_USAGE, readApiUsage } from "../../../../lib/prodigy/claude/usage.ts";

Deno.test("parsePlace() reads run, job and agent from a working directory", () => {
  const job = "mapreduce-20261124_090000";
  const table: readonly (readonly [cwd: string, place: readonly (string | null)[] | null])[] = [
    ["/home/dev/.prodigy/worktrees/app/workflow-17", ["workflow-17", null, null]],
    ["/home/dev/.prodigy/worktrees/app/workflow-17/", ["workflow-17", null, null]],
    ["/home/dev/.prodigy/worktrees/app/workflow-17/src/deep", ["workflow-17", null, null]],
    ["/home/dev/.prodigy/worktrees/app/session-d4", ["session-d4", null, null]],
    [`/x/.prodigy/worktrees/session-d4/mapreduce-agent-${job}_agent_12`, ["session-d4", job, `${job}_agent_12`]],
    [`/x/.prodigy/worktrees/session-d4/mapreduce-agent-${job}_agent_0/src`, ["session-d4", job, `${job}_agent_0`]],
    ["/x/.prodigy/worktrees/session-d4/mapreduce-agent-odd", ["session-d4", null, "odd"]],
    ["/x/.prodigy/worktrees/session-d4/other", ["session-d4", null, null]],
    ["/x/.prodigy/worktrees/app/custom", ["custom", null, null]],
    ["/x/.prodigy/worktrees/app", [null, null, null]],
    [`/x/.prodigy/worktrees/app/${"x".repeat(500)}`, [null, null, null]],
    ["/x/.prodigy/worktrees", [null, null, null]],
    ["/x/.prodigy/worktrees-old/app/workflow-17", null],
    ["/home/dev/app", null],
    ["", null],
  ];
  for (const [cwd, ids] of table) {
    const place = parsePlace(cwd);
    assert.deepEqual(place === null ? null : [place.runId, place.jobId, place.agentId], ids, cwd);
  }
});

Deno.test("findCwd() finds a line's own working directory in either spelling of JSON", () => {
  const table: readonly (readonly [string, string | null])[] = [
    ['{"cwd":"/a/b","x":1}', "/a/b"],
    ['{"cwd" : "/a/\\u0062"}', "/a/b"],
    ['{"cwd":"/first","message":{"cwd":"/second"}}', "/first"],
    ['{"x":1}', null],
    ['{"cwd":7}', null],
    ['{"cwd":"/unfinished', null],
    ['{"cwd":"/bad\\x"}', null],
  ];
  for (const [line, cwd] of table) assert.equal(findCwd(line), cwd, line);
});

Deno.test("errorTypeOfText() names what Claude Code shows", () => {
  const table: readonly (readonly [string, string])[] = [
    ['API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', "overloaded"],
    ['API Error: 429 {"type":"error","error":{"type":"rate_limit_error"}}', "rate_limit"],
    ['API Error: 500 {"type":"error","error":{"type":"api_error"}}', "server_error"],
    ['API Error: 400 {"error":{"type":"invalid_request_error"}}', "invalid_request"],
    ['{"type":"error","error":{"type":"request_too_large"}}', "invalid_request"],
    ['{"type": "error", "error": {"type": "error_of_tomorrow_error"}}', "other"],
    ["API Error: 401 Invalid", "authentication_failed"],
    ["API Error (403): no", "permission_denied"],
    ["API Error: 503", "server_error"],
    ["API Error: 413", "invalid_request"],
    ["Credit balance is too low", "billing_error"],
    ["Invalid API key · Please run /login", "authentication_failed"],
    ["Claude AI usage limit reached|1795507800", "rate_limit"],
    ["Prompt is too long", "invalid_request"],
    ["API Error: Request timed out.", "timeout"],
    ["API Error: Connection error.", "connection_error"],
    ["API Error: Claude's response exceeded the 32000 output token maximum.", "max_output_tokens"],
    ["", "unknown"],
    ["Something else", "unknown"],
  ];
  for (const [text, type] of table) assert.equal(errorTypeOfText(text), type, text);
});

Deno.test("errorTypeOfName() and sessionStatusOf() keep to their closed sets", () => {
  assert.equal(errorTypeOfName("billing_error"), "billing_error");
  assert.equal(errorTypeOfName("authentication_error"), "authentication_failed");
  assert.equal(errorTypeOfName("unknown"), "unknown");
  assert.equal(errorTypeOfName("error_of_tomorrow"), "other");
  assert.equal(errorTypeOfName("constructor"), "other");
  assert.equal(sessionStatusOf("success", false), "success");
  assert.equal(sessionStatusOf("success", true), "error");
  assert.equal(sessionStatusOf("error_during_execution", true), "error");
  assert.equal(sessionStatusOf("error_max_budget_usd", false), "error_max_budget_usd");
  assert.equal(sessionStatusOf("a secret", false), "other");
  assert.equal(sessionStatusOf(null, false), "other");
});

Deno.test("readResultTotals() gives parts that add up to the stated cost", () => {
  const entry = (costUSD: number | undefined): Record<string, number> => ({
    outputTokens: 1,
    ...(costUSD === undefined ? {} : { costUSD }),
  });
  const table:
    readonly (readonly [total: number | undefined, parts: readonly (number | undefined)[], usd: readonly number[]])[] =
      [
        [3, [1, 2], [1, 2]],
        [6, [1, 2], [2, 4]],
        [undefined, [1, 2], [1, 2]],
        [3, [undefined, undefined], [3, 0]],
        [3, [0, 0], [3, 0]],
        [undefined, [undefined, 2], [0, 2]],
      ];
  for (const [total, parts, usd] of table) {
    const modelUsage = Object.fromEntries(parts.map((part, index) => [`m${index}`, entry(part)]));
    const totals = readResultTotals({ modelUsage, ...(total === undefined ? {} : { total_cost_usd: total }) });
    assert.deepEqual(totals.models.map((model) => model.costUsd), usd);
    assert.equal(totals.costUsd, usd.reduce((sum, part) => sum + part, 0));
  }
  assert.equal(readResultTotals({ modelUsage: { m: entry(undefined) } }).costUsd, null);
  assert.deepEqual(readResultTotals({}), { models: [], costUsd: null, isCostOnly: true });
});

Deno.test("readResultTotals() takes the line's usage when no model states tokens, and leaves costs to their models", () => {
  const usage = { input_tokens: 20, output_tokens: 300 };
  const stated = { ...NO_USAGE, inputTokens: 20, outputTokens: 300 };
  const modelUsage = { a: { costUSD: 0.25 }, b: { costUSD: 0.5, outputTokens: null } };
  assert.deepEqual(readResultTotals({ usage, modelUsage, total_cost_usd: 0.75 }), {
    models: [
      { model: null, usage: stated, costUsd: 0 },
      { model: "a", usage: NO_USAGE, costUsd: 0.25 },
      { model: "b", usage: NO_USAGE, costUsd: 0.5 },
    ],
    costUsd: 0.75,
    isCostOnly: true,
  });
  assert.deepEqual(readResultTotals({ usage, modelUsage: { a: {} }, total_cost_usd: 0.75 }), {
    models: [{ model: null, usage: stated, costUsd: 0.75 }],
    costUsd: 0.75,
    isCostOnly: true,
  });
});

Deno.test("readApiUsage() takes the larger of the cache creations' sum and its parts", () => {
  const table: readonly (readonly [sum: unknown, parts: unknown, creation: number, oneHour: number])[] = [
    [1_500, { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 500 }, 1_500, 500],
    [null, { ephemeral_5m_input_tokens: 1_000, ephemeral_1h_input_tokens: 500 }, 1_500, 500],
    [undefined, { ephemeral_5m_input_tokens: 1_000 }, 1_000, 0],
    [0, { ephemeral_1h_input_tokens: 500 }, 500, 500],
    [2_000, { ephemeral_1h_input_tokens: 500 }, 2_000, 500],
    [2_000, null, 2_000, 0],
    [null, null, 0, 0],
  ];
  for (const [sum, parts, creation, oneHour] of table) {
    const usage = readApiUsage({ cache_creation_input_tokens: sum, cache_creation: parts });
    const counted = [usage.cacheCreationTokens, usage.cacheCreation1hTokens];
    assert.deepEqual(counted, [creation, oneHour], JSON.stringify([sum, parts]));
  }
});

Deno.test("SeenIds keeps at least its window, at most twice as much, across a restart", () => {
  let seen = new SeenIds(100);
  for (let id = 0; id < 1_000; id++) {
    assert.equal(seen.add(`id ${id}`), true);
    assert.equal(seen.add(`id ${id}`), false);
    const state: unknown = JSON.parse(JSON.stringify(seen.save()));
    seen = new SeenIds(100);
    seen.load(state);
  }
  const known = Array.from({ length: 1_000 }, (_, id) => seen.has(`id ${id}`));
  assert.equal(known.slice(900).every((isKnown) => isKnown), true);
  assert.equal(known.slice(0, 800).some((isKnown) => isKnown), false);
});

Deno.test("SeenIds keeps an id that is seen again", () => {
  const seen = new SeenIds(10);
  seen.add("kept");
  for (let id = 0; id < 500; id++) {
    seen.add(`id ${id}`);
    assert.equal(seen.add("kept"), false);
  }
});

Deno.test("MessageMaxima closes the message not touched for longest, and counts it no more", () => {
  const messages = new MessageMaxima(new SeenIds());
  const used = (outputTokens: number): typeof NO_USAGE => ({ ...NO_USAGE, outputTokens });
  messages.grow("first", used(1), "s");
  messages.grow("second", used(1), "s");
  for (let id = 0; id < OPEN_MESSAGES - 1; id++) {
    messages.grow("first", used(1), "s");
    messages.grow(`m${id}`, used(1), "s");
  }
  assert.equal(messages.grow("second", used(9), "s"), null);
  assert.deepEqual(messages.grow("first", used(9), "t"), { before: used(1), after: used(9), sessionId: "s" });
  assert.equal(Array.isArray(messages.save()) && (messages.save() as readonly unknown[]).length, OPEN_MESSAGES);
});

Deno.test("SessionAccounts gives up the session not touched for longest", () => {
  const accounts = new SessionAccounts();
  for (let id = 0; id <= OPEN_SESSIONS; id++) accounts.open(`s${id}`, null, null);
  accounts.open("s0", null, null);
  assert.deepEqual(accounts.takeOldest().map((account) => account.sessionId), ["s1"]);
  assert.deepEqual(accounts.takeOldest(), []);
});

Deno.test("RunActivity keeps the newest movement of a bounded number of runs", () => {
  const activity = new RunActivity();
  activity.touch("run", 20);
  activity.touch("run", 10);
  assert.equal(activity.lastSeconds("run"), 20);
  for (let run = 0; run < 5_000; run++) activity.touch(`r${run}`, run);
  assert.equal(activity.lastSeconds("run"), null);
  assert.equal(activity.lastSeconds("r4999"), 4_999);
});
