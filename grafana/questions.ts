/** A question people ask of Prodigy, and where the answer is. Tests run the queries; the README and docs show them. */
export interface Question {
  readonly question: string;
  readonly board: string;
  /** The panel's title. */
  readonly panel: string;
  /** As to type into Prometheus: without a board's variables. */
  readonly promql: string;
  /** How the number is to be read. */
  readonly answer: string;
}

export const QUESTIONS: readonly Question[] = [
  {
    question: "What share of the workflow runs succeeded over the last 7 days?",
    board: "prodigy-workflows",
    panel: "Success rate, 7 days",
    promql: 'sum(increase(prodigy_workflow_executions_total{status="success"}[7d])) / ' +
      "sum(increase(prodigy_workflow_executions_total[7d]))",
    answer: "a share of 1; cancelled runs count as runs that did not succeed",
  },
  {
    question: "Which workflows are the slowest?",
    board: "prodigy-workflows",
    panel: "Top 5 slowest",
    promql: "topk(5, sum by (workflow_name) (increase(prodigy_workflow_duration_seconds_sum[7d])) / " +
      "sum by (workflow_name) (increase(prodigy_workflow_duration_seconds_count[7d])) > 0)",
    answer: "mean seconds of a run, by workflow",
  },
  {
    question: "Which workflows use the most tokens?",
    board: "prodigy-claude",
    panel: "Most token-hungry workflows",
    promql: "topk(10, sum by (workflow_name) (increase(prodigy_claude_workflow_tokens_total[7d])))",
    answer: "tokens of all kinds, by workflow",
  },
  {
    question: "How many items are in the dead letter queue across all jobs?",
    board: "prodigy-mapreduce",
    panel: "DLQ items, all jobs",
    promql: "sum(prodigy_mapreduce_dlq_items)",
    answer: "items now; no data means that no job has told of a queue",
  },
  {
    question: "What share of the steps needed recovery?",
    board: "prodigy-steps",
    panel: "Recovery rate",
    promql: "sum(increase(prodigy_step_on_failure_recoveries_total[7d])) / " +
      'sum(increase(prodigy_step_executions_total{status!="skipped"}[7d]))',
    answer: "a share of 1; only events tell of recoveries, Prodigy's files do not",
  },
  {
    question: "How long do agents take (P95)?",
    board: "prodigy-mapreduce",
    panel: "Agent duration P50, P95, P99",
    promql: "histogram_quantile(0.95, sum by (le) (increase(prodigy_agent_duration_seconds_bucket[7d])))",
    answer: "seconds; 95 % of the agents that succeeded were faster",
  },
  {
    question: "What does Claude cost this month?",
    board: "prodigy-claude",
    panel: "Cost this month",
    promql: "sum(increase(prodigy_claude_cost_usd_total[30d]))",
    answer: "an estimate in US dollars; the query is for the last 30 days, the panel for the calendar month so far",
  },
];

/** The questions as a Markdown table. */
export function describeQuestions(titleOfBoard: (uid: string) => string): string {
  const sections = QUESTIONS.map(({ question, board, panel, promql, answer }) =>
    `### ${question}\n\n${titleOfBoard(board)}, panel _${panel}_: ${answer}.\n\n\`\`\`promql\n${promql}\n\`\`\``
  );
  return sections.join("\n\n");
}
