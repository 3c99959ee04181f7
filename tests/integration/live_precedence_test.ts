import { append, eventLine } from "../support/event_lines.ts";
import { createLiveHome, type LiveHome } from "../support/live_home.ts";

const ended = 'prodigy_workflow_executions_total{workflow_name="mapreduce",status="success"}';
const SUPERSEDED = 'prodigy_exporter_superseded_total{source="state"}';

interface Job {
  readonly runId: string;
  readonly jobId: string;
  readonly label: string;
}

function startJob(home: LiveHome): Job {
  const { runId, jobId } = home.prodigy.startMapReduce();
  return { runId, jobId, label: jobId.replace("mapreduce-", "") };
}

/** Into the job's event file, which unmodified Prodigy leaves empty. */
function tell(
  home: LiveHome,
  { runId, jobId, label }: Job,
  ...events: readonly Readonly<Record<string, unknown>>[]
): void {
  const path = `${home.prodigy.prodigyHome}/events/${runId}/${jobId}/events-${label}.jsonl`;
  append(path, events.map((event) => eventLine({ ...event, job_id: jobId }, new Date(home.clock.nowMs))).join(""));
}

const agentOf = ({ jobId }: Job, index: number): string => `${jobId}_agent_${index}`;
const items = ({ label }: Job, status: string): string =>
  `prodigy_mapreduce_items_total{job_id="${label}",status="${status}"}`;
const agents = ({ label }: Job): string => `prodigy_mapreduce_agents_active{job_id="${label}"}`;
const agentSeconds = ({ label }: Job): string => `prodigy_agent_duration_seconds_sum{job_id="${label}"}`;

Deno.test("a job told by event lines from the start is counted from them alone", async () => {
  await using home = await createLiveHome();
  const job = startJob(home);
  const { prodigy } = home;
  tell(home, job, { event_type: "job_started", config: {}, total_items: 2 });
  for (const index of [0, 1]) {
    tell(home, job, { event_type: "agent_started", agent_id: agentOf(job, index), attempt: 1 });
    prodigy.startAgent(job.runId, index);
  }
  await home.until({ [agents(job)]: 2 });
  home.clock.nowMs += 5_000;
  tell(home, job, { event_type: "agent_completed", agent_id: agentOf(job, 0), duration: [45, 500_000_000] });
  prodigy.agentSucceeds(job.runId, 0);
  tell(
    home,
    job,
    { event_type: "agent_failed", agent_id: agentOf(job, 1), error: "boom", retry_eligible: false },
    { event_type: "d_l_q_item_added", item_id: "item_1", error_signature: "x", failure_count: 1 },
  );
  prodigy.agentFails(job.runId, 1);
  await home.until({
    [items(job, "success")]: 1,
    [items(job, "failed")]: 1,
    [items(job, "dlq")]: 1,
    // As the line states it, not as long as the worktree was there.
    [agentSeconds(job)]: 45.5,
    [agents(job)]: 0,
  });
  home.clock.nowMs += 5_000;
  tell(home, job, { event_type: "job_completed", duration: [50, 0], success_count: 1, failure_count: 1 });
  await home.until({ "prodigy_mapreduce_job_duration_seconds_sum": 50 });
  prodigy.finishMapReduce(job.runId);
  // No line speaks of the run, so its session does.
  await home.until({ [ended]: 1, 'prodigy_mapreduce_jobs_total{status="success"}': 1 });
  await home.assertNothingMore();
});

Deno.test("a job counted from state files is not counted again when its lines come all at once", async () => {
  await using home = await createLiveHome();
  const job = startJob(home);
  const { prodigy } = home;
  for (const index of [0, 1, 2]) prodigy.startAgent(job.runId, index);
  await home.until({ [agents(job)]: 3 });
  prodigy.agentSucceeds(job.runId, 0);
  prodigy.agentFails(job.runId, 1);
  await home.until({
    [agents(job)]: 1,
    [items(job, "success")]: 1,
    [items(job, "failed")]: 1,
    [items(job, "dlq")]: 1,
    [`prodigy_agent_duration_seconds_count{job_id="${job.label}"}`]: 1,
  });
  // Prodigy writes its buffer: what was counted already, and an agent nobody has counted.
  tell(
    home,
    job,
    { event_type: "job_started", config: {}, total_items: 3 },
    ...[0, 1, 2].map((index) => ({ event_type: "agent_started", agent_id: agentOf(job, index), attempt: 1 })),
    { event_type: "agent_completed", agent_id: agentOf(job, 0), duration: [1, 0] },
    { event_type: "agent_failed", agent_id: agentOf(job, 1), error: "boom", retry_eligible: false },
    { event_type: "d_l_q_item_added", item_id: "item_1", error_signature: "x", failure_count: 1 },
    { event_type: "agent_completed", agent_id: agentOf(job, 2), duration: [2, 0] },
  );
  await home.until({
    [agents(job)]: 0,
    [items(job, "success")]: 2,
    [items(job, "failed")]: 1,
    [items(job, "dlq")]: 1,
    [`prodigy_agent_duration_seconds_count{job_id="${job.label}"}`]: 2,
  });
  // From here on the lines have the word: the same agent's vanishing worktree is no second success.
  await home.restart("SIGKILL");
  prodigy.agentSucceeds(job.runId, 2);
  prodigy.agentFails(job.runId, 0);
  await home.untilAbove(SUPERSEDED, 1);
  prodigy.finishMapReduce(job.runId);
  await home.until({ [ended]: 1, [items(job, "success")]: 2, [items(job, "failed")]: 1, [items(job, "dlq")]: 1 });
  await home.assertNothingMore();
});

Deno.test("a run's own lines come first or second: its end counts once", async () => {
  await using home = await createLiveHome();
  const { prodigy } = home;
  const started = (id: string): string =>
    eventLine({ event_type: "workflow_started", workflow_id: id, workflow_name: "w" });
  const completed = (id: string): string =>
    eventLine({
      event_type: "workflow_completed",
      workflow_id: id,
      workflow_name: "w",
      status: "success",
      duration: 7,
    });
  const file = `${prodigy.prodigyHome}/events/demo-app/hooks/events.jsonl`;
  const ends = 'prodigy_workflow_executions_total{workflow_name="w",status="success"}';
  const seconds = 'prodigy_workflow_duration_seconds_sum{workflow_name="w"}';

  const first = prodigy.startWorkflow({ name: "w" });
  append(file, started(first) + completed(first));
  await home.until({ [ends]: 1, [seconds]: 7, 'prodigy_workflow_active{workflow_name="w"}': 0 });
  home.clock.nowMs += 30_000;
  prodigy.finish(first);
  await home.untilAbove(SUPERSEDED, 1);
  await home.until({ [ends]: 1, [seconds]: 7 });

  const second = prodigy.startWorkflow({ name: "w" });
  await home.until({ 'prodigy_workflow_active{workflow_name="w"}': 1 });
  home.clock.nowMs += 20_000;
  prodigy.finish(second);
  await home.until({ [ends]: 2, [seconds]: 27, 'prodigy_workflow_active{workflow_name="w"}': 0 });
  append(file, completed(second));
  await home.untilAbove('prodigy_exporter_superseded_total{source="files"}', 1);
  await home.until({ [ends]: 2, [seconds]: 27 });
  await home.assertNothingMore();
});

Deno.test("a Claude session told by lines and by its transcript counts once, whichever comes first", async () => {
  await using home = await createLiveHome();
  const { prodigy } = home;
  home.clock.nowMs = Date.now();
  const { runId } = prodigy.startMapReduce();
  prodigy.startAgent(runId, 0);
  const cwd = prodigy.agentWorktreeOf(runId, 0);
  const output = 'prodigy_claude_tokens_total{token_type="output"}';
  const read = 'prodigy_claude_tool_invocations_total{tool_name="Read"}';
  const superseded = (source: string): string => `prodigy_exporter_superseded_total{source="${source}"}`;
  const tellSession = (sessionId: string, tool: string, outputTokens: number): void =>
    append(
      `${prodigy.prodigyHome}/events/demo-app/session-x/events.jsonl`,
      [
        { event_type: "claude_session_started", agent_id: "agent-default", session_id: sessionId, tools: [] },
        { event_type: "claude_tool_invoked", agent_id: "agent-default", tool_name: "Read", tool_id: tool },
        { event_type: "claude_token_usage", agent_id: "agent-default", input_tokens: 1, output_tokens: outputTokens },
      ].map((event) => eventLine(event)).join(""),
    );
  const write = (sessionId: string, tool: string, outputTokens: number): void =>
    prodigy.transcriptLine({
      cwd,
      sessionId,
      message: {
        id: `msg_${sessionId}`,
        usage: { inputTokens: 1, outputTokens },
        tools: [{ id: tool, name: "Read" }],
      },
    });

  tellSession("s1", "toolu_1", 100);
  await home.until({ [output]: 100, [read]: 1 });
  write("s1", "toolu_1", 100);
  // Its usage and its tool.
  await home.untilAbove(superseded("claude"), 2);
  await home.until({ [output]: 100, [read]: 1 });

  write("s2", "toolu_2", 20);
  await home.until({ [output]: 120, [read]: 2 });
  tellSession("s2", "toolu_2", 20);
  await home.untilAbove(superseded("files"), 2);
  await home.until({ [output]: 120, [read]: 2 });
  await home.assertNothingMore();
});
