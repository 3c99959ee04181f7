import { decodeValue } from "../lib/event/decode.ts";
import { Metrics } from "../lib/metrics/metrics.ts";
import { TEST_OPTIONS } from "../tests/support/metrics.ts";

/** What one workflow has: its runs, steps, tokens, cost, and a histogram. */
const SERIES_OF_A_WORKFLOW = 20;

/** Metrics that hold about so many series, as many workflows would make them. */
export function metricsWithSeries(series: number): Metrics {
  const options = { ...TEST_OPTIONS, maxSeries: 10_000_000, maxWorkflowNames: 1_000_000 };
  const metrics = new Metrics(options, { onLimit: () => {}, onReaped: () => {} });
  metrics.work.nowSeconds = 1_795_478_820;
  const others = metrics.ledger.seriesCount();
  for (let number = 0; number < (series - others) / SERIES_OF_A_WORKFLOW; number++) runWorkflow(metrics, number);
  metrics.goLive();
  return metrics;
}

/** One run of the workflow of this number. */
export function runWorkflow(metrics: Metrics, number: number): void {
  for (const event of workflowEvents(number)) {
    const record = decodeValue({ timestamp: "2026-11-24T00:07:00Z", event }, null);
    if ("rejected" in record) throw new TypeError(`Cannot fold an event as it was rejected: ${record.detail}`);
    metrics.fold.fold(record);
  }
}

/** As objects of event lines. */
export function workflowEvents(number: number): readonly Readonly<Record<string, unknown>>[] {
  const run = { workflow_id: `workflow-${number}`, workflow_name: `nightly build of branch ${number}` };
  return [
    { event_type: "workflow_started", ...run },
    { event_type: "step_completed", ...run, step_index: 0, step_type: "claude", status: "success", duration: [3, 0] },
    {
      event_type: "claude_token_usage",
      input_tokens: 300,
      output_tokens: 40,
      model: "claude-sonnet-4-5",
      workflow_name: run.workflow_name,
    },
    { event_type: "workflow_completed", ...run, status: "success", duration: [30, 0] },
  ];
}
