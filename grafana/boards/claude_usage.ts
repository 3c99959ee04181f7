import { fixedColors } from "../builder/colors.ts";
import { bars, lines } from "../builder/graphs.ts";
import type { Panel } from "../builder/panel.ts";
import { orNone, RANGE, RATE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";
import { barGauge, pie, stat } from "../builder/single_values.ts";
import { table } from "../builder/tables.ts";

const MODEL_TOKENS = "prodigy_claude_model_tokens_total";
const WORKFLOW_TOKENS = "prodigy_claude_workflow_tokens_total";
const CHOSEN = { workflow_name: "$workflow_name" };
/** What can be a cache hit: everything read, not what was answered. */
const PROMPT = { token_type: "input|cache_read|cache_creation" };

/** Share of prompt tokens that were read from the cache. */
export function cacheHitRatio(select: Select, range: string): string {
  return `sum(increase(${select(MODEL_TOKENS, { token_type: "cache_read" })}[${range}])) / sum(increase(${
    select(MODEL_TOKENS, PROMPT)
  }[${range}]))`;
}

export function tokenPanels(select: Select): readonly Panel[] {
  const tokens = (matchers: Readonly<Record<string, string>>): string =>
    `sum by (token_type) (increase(${select(WORKFLOW_TOKENS, { ...CHOSEN, ...matchers })}[${RATE}]))`;
  return [
    bars({
      id: 301,
      title: "Tokens over time",
      description:
        "Input and output stacked on the left scale. Cache tokens (reads and writes together) are many times " +
        "as many, so they have the scale on the right.",
      width: 12,
      queries: [{ expr: tokens({}), legend: "{{token_type}}" }],
      unit: "short",
      overrides: [
        ...fixedColors("input", "output"),
        ...fixedColors("cache").map(({ field, properties }) => ({
          field,
          properties: {
            ...properties,
            "custom.drawStyle": "line",
            "custom.lineWidth": 1,
            "custom.fillOpacity": 0,
            "custom.axisPlacement": "right",
            "custom.stacking": { group: "B", mode: "none" },
          },
        })),
      ],
    }),
    bars({
      id: 302,
      title: "Cache tokens",
      description:
        "Prompt tokens read from the cache, which cost a tenth or less, and those written to it, which cost " +
        "more than plain input. All workflows.",
      width: 8,
      queries: ([["cache_read", "cache reads"], ["cache_creation", "cache writes"]] as const).map((
        [type, legend],
      ) => ({ expr: `sum(increase(${select(MODEL_TOKENS, { token_type: type })}[${RATE}]))`, legend })),
      unit: "short",
      overrides: fixedColors("cache reads", "cache writes"),
    }),
    stat({
      id: 303,
      title: "Cache hit ratio",
      description: "Share of prompt tokens of the chosen range that were read from the cache. All workflows.",
      width: 4,
      height: 8,
      queries: [{ expr: cacheHitRatio(select, RANGE), instant: true }],
      unit: "percentunit",
      field: { min: 0, max: 1, decimals: 1 },
      thresholds: [[0.5, "orange"], [0.8, "green"]],
      baseColor: "red",
    }),
  ];
}

export function modelPanels(select: Select): readonly Panel[] {
  const cost = select("prodigy_claude_cost_usd_total");
  const byModel = (type: string): string =>
    `sum by (model) (increase(${select(MODEL_TOKENS, { token_type: type })}[${RANGE}]))`;
  const costByModel = `sum by (model) (increase(${cost}[${RANGE}]))`;
  return [
    table({
      id: 401,
      title: "Models",
      description: "Tokens and estimated cost of the chosen range by model. Price: what a million tokens of any kind " +
        "came to; cache reads make it low.",
      width: 14,
      labels: [{ label: "model", title: "Model" }],
      values: [
        { title: "Cost", expr: `${costByModel} > 0`, unit: "currencyUSD", decimals: 2 },
        {
          title: "Price per M tokens",
          expr: `1e6 * ${costByModel} / (sum by (model) (increase(${select(MODEL_TOKENS)}[${RANGE}])) > 0)`,
          unit: "currencyUSD",
          decimals: 2,
        },
        { title: "Input", expr: `${byModel("input")} > 0`, unit: "short" },
        { title: "Output", expr: `${byModel("output")} > 0`, unit: "short" },
        { title: "Cache reads", expr: `${byModel("cache_read")} > 0`, unit: "short" },
        { title: "Cache writes", expr: `${byModel("cache_creation")} > 0`, unit: "short" },
        {
          title: "Unpriced",
          expr: `sum by (model) (increase(${select("prodigy_claude_unpriced_tokens_total")}[${RANGE}])) > 0`,
          unit: "short",
          colors: ["orange"],
        },
      ],
      sortBy: "Cost",
    }),
    pie({
      id: 402,
      title: "Cost by model",
      description: "Estimated cost of the chosen range.",
      width: 10,
      queries: [{ expr: `${costByModel} > 0`, legend: "{{model}}", instant: true }],
      unit: "currencyUSD",
      field: { decimals: 2 },
    }),
  ];
}

export function workflowPanels(select: Select): readonly Panel[] {
  const costs = `sum by (workflow_name) (increase(${
    select("prodigy_claude_workflow_cost_usd_total", CHOSEN)
  }[${RANGE}]))`;
  const tokens = (matchers: Readonly<Record<string, string>>): string =>
    `sum by (workflow_name) (increase(${select(WORKFLOW_TOKENS, { ...CHOSEN, ...matchers })}[${RANGE}]))`;
  const runs = (matchers: Readonly<Record<string, string>>): string =>
    `(sum by (workflow_name) (increase(${
      select("prodigy_workflow_executions_total", { ...CHOSEN, ...matchers })
    }[${RANGE}])) > 0)`;
  return [
    table({
      id: 501,
      title: "Tokens and cost by workflow",
      description: "Usage of the chosen range by the workflow that caused it; usage of no known run is under " +
        '"unknown". Cost per success divides all cost by the runs that succeeded.',
      width: 14,
      labels: [{
        label: "workflow_name",
        title: "Workflow",
        link: {
          title: "Runs of this workflow",
          url: "/d/prodigy-workflows?var-workflow_name=${__value.raw}&${__url_time_range}",
        },
      }],
      values: [
        { title: "Tokens", expr: `${tokens({})} > 0`, unit: "short" },
        { title: "Output", expr: `${tokens({ token_type: "output" })} > 0`, unit: "short" },
        { title: "Cost", expr: `${costs} > 0`, unit: "currencyUSD", decimals: 2 },
        { title: "Cost per run", expr: `${costs} / ${runs({})}`, unit: "currencyUSD", decimals: 3 },
        {
          title: "Cost per success",
          expr: `${costs} / ${runs({ status: "success" })}`,
          unit: "currencyUSD",
          decimals: 3,
        },
      ],
      sortBy: "Tokens",
    }),
    barGauge({
      id: 502,
      title: "Most token-hungry workflows",
      description: "The ten workflows that used the most tokens in the chosen range, cache included.",
      width: 10,
      queries: [{ expr: `topk(10, ${tokens({})})`, legend: "{{workflow_name}}", instant: true }],
      unit: "short",
    }),
  ];
}

export function sessionPanels(select: Select): readonly Panel[] {
  return [
    barGauge({
      id: 601,
      title: "Top tools",
      description: `${select.help("prodigy_claude_tool_invocations_total")} The ten most used in the chosen range. ` +
        "Tools of one MCP server count as one unless configured otherwise.",
      width: 8,
      queries: [{
        expr: `topk(10, sum by (tool_name) (increase(${select("prodigy_claude_tool_invocations_total")}[${RANGE}])))`,
        legend: "{{tool_name}}",
        instant: true,
      }],
      unit: "short",
    }),
    bars({
      id: 602,
      title: "Sessions by outcome",
      description: select.help("prodigy_claude_sessions_total"),
      width: 8,
      queries: [{
        expr: orNone(
          select,
          "status",
          `sum by (status) (increase(${select("prodigy_claude_sessions_total")}[${RATE}])) > 0`,
        ),
        legend: "{{status}}",
      }],
      unit: "short",
      overrides: fixedColors("success", "error"),
    }),
    lines({
      id: 603,
      title: "Errors",
      description: `${select.help("prodigy_claude_errors_total")} Per second, by type.`,
      width: 8,
      queries: [{
        expr: orNone(
          select,
          "error_type",
          `sum by (error_type) (rate(${select("prodigy_claude_errors_total")}[${RATE}])) > 0`,
        ),
        legend: "{{error_type}}",
      }],
      unit: "cps",
      field: { min: 0 },
    }),
  ];
}
