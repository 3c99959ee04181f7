import { lines } from "../builder/graphs.ts";
import type { Panel, PanelSpec } from "../builder/panel.ts";
import { orZero, RANGE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";
import { gauge, stat } from "../builder/single_values.ts";

/** Days left of the calendar month, in UTC. */
const DAYS_LEFT = "scalar(days_in_month() - day_of_month() + 1 - hour() / 24)";

/** Cost is by workflow here, so that the board's workflow variable applies; the sum is the same as by model. */
export function costPanels(select: Select, pricesDate: string): readonly Panel[] {
  const estimate = `An estimate, by prices of ${pricesDate} or by the vendor's own figure.`;
  const cost = select("prodigy_claude_workflow_cost_usd_total", { workflow_name: "$workflow_name" });
  const spent = (range: string): string => `sum(increase(${cost}[${range}]))`;
  const usd = (
    spec: Pick<PanelSpec, "id" | "title" | "description"> & { readonly expr: string; readonly timeFrom?: string },
  ): Panel => {
    const { expr, description, ...rest } = spec;
    return stat({
      ...rest,
      description: `${description} ${estimate}`,
      width: 4,
      queries: [{ expr, instant: true }],
      unit: "currencyUSD",
      field: { decimals: 2 },
      thresholds: [],
    });
  };

  return [
    usd({ id: 101, title: "Cost today", description: "Since midnight.", expr: spent(RANGE), timeFrom: "now/d" }),
    usd({ id: 102, title: "Cost, 7 days", description: "The last seven days.", expr: spent("7d") }),
    usd({ id: 103, title: "Cost, 30 days", description: "The last thirty days.", expr: spent("30d") }),
    usd({
      id: 104,
      title: "Cost this month",
      description: "Since the first of the calendar month.",
      expr: spent(RANGE),
      timeFrom: "now/M",
    }),
    usd({
      id: 105,
      title: "Projection to month end",
      description: "This month's cost so far, and the rest of the month at the rate of the last 24 hours.",
      expr: `${spent(RANGE)} + ${spent("24h")} * ${DAYS_LEFT}`,
      timeFrom: "now/M",
    }),
    usd({ id: 106, title: "Burn rate per hour", description: "Cost of the last hour.", expr: spent("1h") }),
    gauge({
      id: 107,
      title: "Budget used this month",
      description: `Cost since the first of the month, as a share of the monthly budget above. ${estimate}`,
      width: 6,
      height: 8,
      queries: [{ expr: `${spent(RANGE)} / $budget_usd`, instant: true }],
      unit: "percentunit",
      field: { min: 0, max: 1.5 },
      thresholds: [[0.8, "orange"], [1, "red"]],
      timeFrom: "now/M",
    }),
    lines({
      id: 108,
      title: "Burn rate and budget",
      description:
        "Cost of the hour before each point. The dashed line is the hourly rate that uses the monthly budget " +
        `up exactly. ${estimate}`,
      width: 12,
      queries: [
        { expr: spent("1h"), legend: "cost of the last hour" },
        { expr: "vector($budget_usd / 24) / days_in_month()", legend: "budget per hour" },
      ],
      unit: "currencyUSD",
      field: { min: 0 },
      overrides: [{
        field: "budget per hour",
        properties: {
          color: { mode: "fixed", fixedColor: "red" },
          "custom.fillOpacity": 0,
          "custom.lineStyle": { fill: "dash", dash: [10, 10] },
        },
      }],
    }),
    stat({
      id: 109,
      title: "Cost per successful item",
      description: "All cost of the chosen range, divided by the MapReduce items that succeeded in it. Cost of other " +
        `workflows counts, too, unless the workflow is chosen above. ${estimate}`,
      width: 6,
      queries: [{
        expr: `${spent(RANGE)} / sum(increase(${
          select("prodigy_mapreduce_items_total", { status: "success" })
        }[${RANGE}]))`,
        instant: true,
      }],
      unit: "currencyUSD",
      field: { decimals: 3 },
      thresholds: [],
    }),
    stat({
      id: 110,
      title: "Unpriced tokens",
      description:
        "Tokens of models without a known price in the chosen range: they are in no cost. Prices can be set " +
        "in the configuration.",
      width: 6,
      queries: [{
        expr: orZero(select, `sum(increase(${select("prodigy_claude_unpriced_tokens_total")}[${RANGE}]))`),
        instant: true,
      }],
      unit: "short",
      field: { decimals: 0 },
      thresholds: [[1, "orange"]],
    }),
  ];
}
