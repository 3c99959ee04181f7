import type { Panel } from "../builder/panel.ts";
import { quantile, RANGE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";
import { table } from "../builder/tables.ts";
import { cacheHitRatio } from "./claude_usage.ts";

/** A rule of thumb: its figure is always shown, and whether that figure calls for the advice. */
interface Recommendation {
  readonly advice: string;
  /** What the figure is, and from which value on the advice is given. */
  readonly rule: string;
  /** A share; one series, or one for each value of `subject`. */
  readonly figure: string;
  /** Makes 1 (follow it) or 0 of the figure. */
  readonly when: string;
  /** Label that says what it is about. */
  readonly subject?: string;
}

function recommendations(select: Select): readonly Recommendation[] {
  const increase = (name: string, matchers = {}): string => `increase(${select(name, matchers)}[${RANGE}])`;
  const cost = increase("prodigy_claude_cost_usd_total");
  const tokens = increase("prodigy_claude_model_tokens_total");
  const finished = increase("prodigy_mapreduce_items_total", { status: "success|failed" });
  const durations = "prodigy_workflow_duration_seconds";
  const chosen = { workflow_name: "$workflow_name" };
  const medianClaudeStep = quantile(
    0.5,
    select.buckets("prodigy_step_duration_seconds", { step_type: "claude" }),
    { range: RANGE },
  );
  // What a million tokens came to by model, against the cheapest model in use.
  const price = `(sum by (model) (${cost}) / (sum by (model) (${tokens}) > 0))`;
  return [
    {
      advice: "Make prompts cacheable: keep the beginning the same from call to call",
      rule: "Cache hit ratio below 50 %",
      figure: cacheHitRatio(select, RANGE),
      when: "< bool 0.5",
    },
    {
      advice: "Try a cheaper model: most Claude steps are short and this one costs over three times the cheapest",
      rule: "Share of cost above 30 %, while the median Claude step takes less than 30 s",
      figure:
        `sum by (model) (${cost}) / scalar(sum(${cost})) and on (model) (${price} > 3 * scalar(min(${price} > 0)))`,
      when: `> bool 0.3 * scalar(vector(1) unless (${medianClaudeStep} >= 30))`,
      subject: "model",
    },
    {
      advice: "Fix what makes agents fail: retried agents use their tokens twice",
      rule: "Retries above 10 % of finished items",
      figure: `sum(${increase("prodigy_agent_retries_total")}) / sum(${finished})`,
      when: "> bool 0.1",
    },
    {
      advice: "Look at this workflow's slowest runs: a long tail often means loops or time-outs",
      rule: "P95 duration above 300 % of the mean",
      figure:
        `topk(3, ${quantile(0.95, select.buckets(durations, chosen), { range: RANGE, by: ["workflow_name"] })} / (` +
        `sum by (workflow_name) (increase(${select.sum(durations, chosen)}[${RANGE}])) / ` +
        `sum by (workflow_name) (increase(${select.count(durations, chosen)}[${RANGE}]))))`,
      when: "> bool 3",
      subject: "workflow_name",
    },
    {
      advice: "Find out why sessions fail: their tokens bought nothing",
      rule: "Failed sessions above 10 %",
      figure: `sum(${increase("prodigy_claude_sessions_total", { status: "!success" })}) / sum(${
        increase("prodigy_claude_sessions_total")
      })`,
      when: "> bool 0.1",
    },
    {
      advice: "Set a price for this model: its tokens are in no cost",
      rule: "Unpriced tokens above 0 %",
      figure: `sum by (model) (${increase("prodigy_claude_unpriced_tokens_total")}) / scalar(sum(${tokens})) > 0`,
      when: "> bool 0",
      subject: "model",
    },
  ];
}

/** Each check with its figure, so that it can be seen how near it is to being advised. */
export function recommendationsPanel(select: Select): Panel {
  const all = recommendations(select);
  const union = (value: (one: Recommendation) => string): string =>
    all.map((one) => labelled(one, value(one))).join(" or ");
  return table({
    id: 201,
    title: "Recommendations",
    description:
      "Rules of thumb, each with the figure it looks at in the chosen range. Advised: the figure is past its " +
      "limit. They cannot know what your workflows are for.",
    width: 24,
    height: 9,
    labels: [
      { label: "advice", title: "Recommendation" },
      { label: "subject", title: "About", width: 200 },
      { label: "rule", title: "Advised when", width: 480 },
    ],
    values: [
      { title: "Figure", expr: union(({ figure }) => figure), unit: "percentunit", decimals: 1 },
      {
        title: "Advised",
        expr: union(({ figure, when }) => `(${figure}) ${when}`),
        unit: "none",
        words: { "0": { text: "no", color: "green" }, "1": { text: "yes", color: "orange" } },
      },
    ],
    sortBy: "Advised",
  });
}

function labelled({ advice, rule, subject }: Recommendation, expr: string): string {
  const about = subject === undefined
    ? `label_replace(${expr}, "subject", "all", "", "")`
    : `label_replace(${expr}, "subject", "$1", "${subject}", "(.*)")`;
  return `max by (advice, rule, subject) (label_replace(label_replace(${about}, "advice", "${advice}", "", ""), "rule", "${rule}", "", ""))`;
}
