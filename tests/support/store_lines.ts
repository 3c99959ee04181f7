/** An event line as an object. */
export interface StoreLine {
  readonly id: string;
  readonly timestamp: string;
  readonly event: Readonly<Record<string, unknown>>;
}

const START_MS = Date.UTC(2026, 10, 24, 9);

/** Lines of MapReduce runs and plain runs, each with steps, agents, DLQ items and usage: so many of all kinds together. */
export function storeLines(count: number): readonly StoreLine[] {
  return Array.from({ length: count }, (_, index) => ({
    id: uuidOf(index),
    timestamp: new Date(START_MS + index * 1_000).toISOString(),
    event: eventOf(index),
  }));
}

function eventOf(index: number): Readonly<Record<string, unknown>> {
  const round = Math.floor(index / EVENTS.length);
  const run = Math.floor(round / 5);
  const make = EVENTS[index % EVENTS.length] ?? workflowStarted;
  return make({ run, round, job: { job_id: `job-${run}` }, agent: `job-${run}_agent_${round % 7}` });
}

interface Place {
  readonly run: number;
  readonly round: number;
  readonly job: { readonly job_id: string };
  readonly agent: string;
}

function workflowStarted({ run }: Place): Readonly<Record<string, unknown>> {
  return {
    event_type: "workflow_started",
    workflow_id: `workflow-${run}`,
    workflow_name: `name-${run % 3}`,
    total_steps: 2,
  };
}

const EVENTS: readonly ((place: Place) => Readonly<Record<string, unknown>>)[] = [
  workflowStarted,
  ({ job }) => ({ event_type: "job_started", ...job, total_items: 7 }),
  ({ run, round }) => ({
    event_type: "step_completed",
    workflow_id: `workflow-${run}`,
    step_index: round % 2,
    step_type: "shell",
    status: "success",
    duration: 0.5,
  }),
  ({ job, agent }) => ({ event_type: "agent_started", ...job, agent_id: agent, attempt: 1 }),
  ({ round }) => ({
    event_type: "claude_token_usage",
    agent_id: "agent-default",
    input_tokens: round,
    output_tokens: 2,
  }),
  ({ job, agent }) => ({ event_type: "agent_completed", ...job, agent_id: agent, duration: [2, 0] }),
  ({ job, round }) => ({
    event_type: "dlq_item_added",
    ...job,
    item_id: `item_${round % 3}`,
    error_signature: "5b90fa24107446f8",
    failure_count: 1,
  }),
  ({ job }) => ({ event_type: "job_completed", ...job, duration: [6, 0], success_count: 6, failure_count: 1 }),
  ({ run }) => ({
    event_type: "workflow_completed",
    workflow_id: `workflow-${run}`,
    workflow_name: `name-${run % 3}`,
    status: run % 4 === 0 ? "failed" : "success",
    duration: 9,
  }),
];

function uuidOf(index: number): string {
  return `00000000-0000-4000-a000-${index.toString(16).padStart(12, "0")}`;
}
