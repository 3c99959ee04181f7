import { evaluate, type Value, type Walk } from "./analyze.ts";
import { child, groupingLabels, type Node, unquote } from "./tree.ts";
import { COUNT, isFlag, multiply, RATIO, SECONDS, type Unit } from "./unit.ts";

const NUMBER: Value = { type: "scalar", labels: new Set(), unit: null, isCounter: false };
/** Parts of the calendar month: numbers without a unit. */
const CALENDAR = new Set(["days_in_month", "day_of_month", "hour", "minute", "month", "year"]);
const OF_COUNTERS = new Set(["rate", "irate", "increase", "resets"]);

/** `sum by (…) (…)` and its like. */
export function aggregate(node: Node, walk: Walk): Value {
  const operator = child(node, "AggregateOp")?.text ?? "";
  const operand = child(node, "FunctionCallBody")?.children.at(-1);
  if (operand === undefined) throw new TypeError(`Cannot aggregate nothing: ${node.text}`);
  const value = evaluate(operand, walk);
  if (value.isCounter) walk.problems.push(`${operator} of a counter's raw value: ${node.text}`);
  const modifier = child(node, "AggregateModifier");
  const named = groupingLabels(modifier === undefined ? undefined : child(modifier, "GroupingLabels"));
  for (const label of named) {
    if (!value.labels.has(label)) walk.problems.push(`${operator} by ${label}, which is not there: ${node.text}`);
  }
  const isWithout = modifier !== undefined && child(modifier, "Without") !== undefined;
  const labels = /^(topk|bottomk|limitk)$/.test(operator) && modifier === undefined
    ? value.labels
    : isWithout
    ? new Set([...value.labels].filter((label) => !named.includes(label)))
    : new Set(named);
  return { ...value, labels, unit: aggregatedUnit(operator, value.unit), isCounter: false };
}

function aggregatedUnit(operator: string, unit: Unit): Unit {
  if (operator === "count") return COUNT;
  if (!isFlag(unit)) return unit;
  return operator === "sum" ? COUNT : operator === "avg" ? RATIO : unit;
}

/** `rate(…)` and its like. */
export function call(node: Node, walk: Walk): Value {
  const name = child(node, "FunctionIdentifier")?.text ?? "";
  const args = child(node, "FunctionCallBody")?.children ?? [];
  const values = args.map((arg) => evaluate(arg, walk));
  const [first = NUMBER] = values;
  if (CALENDAR.has(name)) return { ...NUMBER, type: "vector" };
  if (OF_COUNTERS.has(name)) {
    if (!first.isCounter) walk.problems.push(`${name} of what is no counter: ${node.text}`);
    const unit = name === "increase" ? first.unit : multiply(first.unit, SECONDS, -1);
    return { ...first, type: "vector", unit, isCounter: false };
  }
  if (first.isCounter) walk.problems.push(`${name} of a counter's raw value: ${node.text}`);
  switch (name) {
    case "histogram_quantile":
      return quantile(node, values[1] ?? NUMBER, walk);
    case "label_replace":
      return replaceLabel(args, first, walk);
    case "time":
      return { ...NUMBER, unit: SECONDS };
    case "vector":
      return { ...first, type: "vector" };
    case "scalar":
      return { ...first, type: "scalar", labels: new Set() };
    case "min_over_time":
    case "max_over_time":
    case "avg_over_time":
    case "clamp_max":
    case "clamp_min":
      return { ...first, type: "vector" };
    default:
      walk.problems.push(`cannot judge ${name}(): teach it to the check`);
      return first;
  }
}

function quantile(node: Node, buckets: Value, walk: Walk): Value {
  if (!buckets.labels.has("le") || buckets.observed === undefined) {
    walk.problems.push(`a quantile of what has no buckets: ${node.text}`);
  }
  const labels = new Set([...buckets.labels].filter((label) => label !== "le"));
  return { type: "vector", labels, unit: buckets.observed ?? null, isCounter: false };
}

function replaceLabel(args: readonly Node[], value: Value, walk: Walk): Value {
  const [, to = "", , from = ""] = args.map(({ text }) => unquote(text));
  if (from !== "" && !value.labels.has(from)) walk.problems.push(`label_replace from ${from}, which is not there`);
  return { ...value, labels: new Set([...value.labels, to]) };
}
