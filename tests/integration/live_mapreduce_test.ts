import { createLiveHome, type LiveHome, type Values } from "../support/live_home.ts";

interface Job {
  readonly runId: string;
  readonly jobId: string;
  readonly of: (metric: string, more?: string) => string;
}

const RUN_ENDED = 'prodigy_workflow_executions_total{workflow_name="mapreduce",status="success"}';
const JOBS = (status: string): string => `prodigy_mapreduce_jobs_total{status="${status}"}`;
const failuresOf = (type: string): string => `prodigy_mapreduce_item_failures_total{error_type="${type}"}`;

function startJob(home: LiveHome): Job {
  const { runId, jobId } = home.prodigy.startMapReduce();
  const label = jobId.replace("mapreduce-", "");
  return { runId, jobId, of: (metric, more = "") => `prodigy_${metric}{job_id="${label}"${more}}` };
}

const items = ({ of }: Job, status: string): string => of("mapreduce_items_total", `,status="${status}"`);

function gauges(
  { of }: Job,
  values: { readonly agents: number; readonly worktrees: number; readonly dlq: number },
): Values {
  return {
    [of("mapreduce_agents_active")]: values.agents,
    [of("mapreduce_worktrees_active")]: values.worktrees,
    [of("mapreduce_dlq_items")]: values.dlq,
  };
}

Deno.test("a MapReduce run is counted act by act: agents, their failures, the DLQ, the end", async () => {
  await using home = await createLiveHome();
  const { prodigy, clock } = home;
  const job = startJob(home);
  await home.until({ [job.of("mapreduce_jobs_active")]: 1, ...gauges(job, { agents: 0, worktrees: 0, dlq: 0 }) });

  clock.nowMs += 1_000;
  for (const index of [0, 1, 2, 3]) prodigy.startAgent(job.runId, index);
  await home.until(gauges(job, { agents: 4, worktrees: 4, dlq: 0 }));

  clock.nowMs += 10_000;
  prodigy.agentSucceeds(job.runId, 0);
  await home.until({
    [items(job, "success")]: 1,
    [job.of("agent_duration_seconds_count")]: 1,
    ...gauges(job, { agents: 3, worktrees: 3, dlq: 0 }),
  });

  // A failed agent leaves its worktree behind, one whose merge failed does not; both items go to the DLQ.
  prodigy.agentFails(job.runId, 1, { errorType: "Timeout" });
  await home.until({
    [items(job, "failed")]: 1,
    [items(job, "dlq")]: 1,
    [failuresOf("timeout")]: 1,
    ...gauges(job, { agents: 2, worktrees: 3, dlq: 1 }),
  });
  prodigy.agentFails(job.runId, 2, { errorType: "MergeConflict" });
  await home.until({
    [items(job, "success")]: 1,
    [items(job, "failed")]: 2,
    [items(job, "dlq")]: 2,
    [failuresOf("merge_conflict")]: 1,
    ...gauges(job, { agents: 1, worktrees: 2, dlq: 2 }),
  });

  prodigy.removeDlqItem(job.runId, 1);
  await home.until(gauges(job, { agents: 1, worktrees: 2, dlq: 1 }));

  clock.nowMs += 10_000;
  prodigy.agentSucceeds(job.runId, 3);
  await home.until({
    [items(job, "success")]: 2,
    [job.of("agent_duration_seconds_count")]: 2,
    ...gauges(job, { agents: 0, worktrees: 1, dlq: 1 }),
  });

  clock.nowMs += 5_000;
  prodigy.finishMapReduce(job.runId);
  await home.until({
    [job.of("mapreduce_jobs_active")]: 0,
    [JOBS("success")]: 1,
    "prodigy_mapreduce_job_duration_seconds_sum": 26,
    [RUN_ENDED]: 1,
    ...gauges(job, { agents: 0, worktrees: 0, dlq: 1 }),
  });
  await home.assertNothingMore();
});

Deno.test("agents that come and go while nobody looks are counted at the job's end", async () => {
  await using home = await createLiveHome();
  const { prodigy } = home;
  const job = startJob(home);
  prodigy.startAgent(job.runId, 0);
  await home.until(gauges(job, { agents: 1, worktrees: 1, dlq: 0 }));
  home.program.kill("SIGKILL");
  await home.program.exited;
  prodigy.agentSucceeds(job.runId, 0);
  for (const index of [1, 2, 3]) {
    prodigy.startAgent(job.runId, index);
    prodigy.agentSucceeds(job.runId, index);
  }
  prodigy.startAgent(job.runId, 4);
  prodigy.agentFails(job.runId, 4);
  await home.start();
  await home.until({
    [items(job, "failed")]: 1,
    [items(job, "dlq")]: 1,
    ...gauges(job, { agents: 0, worktrees: 1, dlq: 1 }),
  });
  home.clock.nowMs += 60_000;
  prodigy.finishMapReduce(job.runId, { failed: true });
  await home.until({
    [items(job, "success")]: 4,
    [JOBS("failed")]: 1,
    [job.of("mapreduce_jobs_active")]: 0,
    "prodigy_mapreduce_job_duration_seconds_sum": 60,
    ...gauges(job, { agents: 0, worktrees: 0, dlq: 1 }),
  });
  await home.assertNothingMore();
});

Deno.test("restarts and kills in the middle of a MapReduce run lose nothing and count nothing twice", async () => {
  await using home = await createLiveHome();
  const { prodigy } = home;
  const job = startJob(home);
  for (const index of [0, 1, 2]) prodigy.startAgent(job.runId, index);
  await home.until(gauges(job, { agents: 3, worktrees: 3, dlq: 0 }));
  await home.restart("SIGKILL");
  // A stop writes the snapshot: an agent that nothing on disk remembers, and that is gone, would count at the job's end.
  await home.restart("SIGTERM");
  prodigy.agentSucceeds(job.runId, 0);
  await home.restart("SIGKILL");
  await home.until({ [items(job, "success")]: 1, ...gauges(job, { agents: 2, worktrees: 2, dlq: 0 }) });
  prodigy.agentFails(job.runId, 1);
  await home.restart("SIGTERM");
  await home.until({ [items(job, "failed")]: 1, ...gauges(job, { agents: 1, worktrees: 2, dlq: 1 }) });
  prodigy.agentSucceeds(job.runId, 2);
  prodigy.finishMapReduce(job.runId);
  await home.restart("SIGKILL");
  await home.until({
    [items(job, "success")]: 2,
    [JOBS("success")]: 1,
    [RUN_ENDED]: 1,
    [job.of("mapreduce_jobs_active")]: 0,
    ...gauges(job, { agents: 0, worktrees: 0, dlq: 1 }),
  });
  await home.assertNothingMore();
});

Deno.test("two jobs of the same second have series of their own", async () => {
  await using home = await createLiveHome();
  const [one, other] = [startJob(home), startJob(home)];
  home.prodigy.startAgent(one.runId, 0);
  home.prodigy.startAgent(one.runId, 1);
  home.prodigy.startAgent(other.runId, 0);
  const labels = await home.labels("prodigy_mapreduce_agents_active", 2);
  const info = (label: string, { jobId, runId }: Job): string =>
    `prodigy_mapreduce_job_info{job_id="${label}",job_full_id="${jobId}",session_id="${runId}"}`;
  for (const label of labels) {
    const isOne = await home.program.value(info(label, one)) === 1;
    const job = isOne ? one : other;
    await home.until({
      [info(label, job)]: 1,
      [`prodigy_mapreduce_agents_active{job_id="${label}"}`]: isOne ? 2 : 1,
    });
  }
});
