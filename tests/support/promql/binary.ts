import { evaluate, type Value, type Walk } from "./analyze.ts";
import { child, groupingLabels, type Node } from "./tree.ts";
import { describeUnit, FLAG, isSame, multiply, type Unit } from "./unit.ts";

const COMPARISONS = new Set(["Gtr", "Gte", "Lss", "Lte", "Eql", "EqlC", "Neq"]);
const SET_OPERATORS = new Set(["And", "Or", "Unless"]);

interface Matching {
  readonly on: readonly string[] | null;
  readonly group: "left" | "right" | null;
  readonly include: readonly string[];
}

/** `a / b`, `a > b`, `a and on (x) b`. */
export function binary(node: Node, walk: Walk): Value {
  const [leftNode, ...rest] = node.children;
  const rightNode = rest.at(-1);
  const operator = rest[0]?.name ?? "";
  if (leftNode === undefined || rightNode === undefined) throw new TypeError(`Cannot find two sides: ${node.text}`);
  const left = evaluate(leftNode, walk);
  const right = evaluate(rightNode, walk);
  for (const side of [left, right]) {
    if (side.isCounter) walk.problems.push(`arithmetic with a counter's raw value: ${node.text}`);
  }
  const isFilter = COMPARISONS.has(operator) && child(node, "BoolModifier") === undefined;
  const unit = resultUnit(operator, isFilter, left, right, node, walk);
  const zeroed = operator === "Mul" && [leftNode, rightNode].some(({ text }) => text === "0");
  const { observed } = left;
  return {
    type: left.type === "scalar" && right.type === "scalar" ? "scalar" : "vector",
    labels: resultLabels(operator, left, right, node, walk),
    // Nothing of it is left: it stands for "none" of whatever it is put beside.
    unit: zeroed ? null : unit,
    ...observed === undefined || !(isFilter || SET_OPERATORS.has(operator)) ? {} : { observed },
    isCounter: false,
  };
}

function resultUnit(operator: string, isFilter: boolean, left: Value, right: Value, node: Node, walk: Walk): Unit {
  if (operator === "Mul" || operator === "Div") return multiply(left.unit, right.unit, operator === "Mul" ? 1 : -1);
  if (operator === "And" || operator === "Unless") return left.unit;
  if (!isSame(left.unit, right.unit)) {
    walk.problems.push(`${describeUnit(left.unit)} beside ${describeUnit(right.unit)}: ${node.text}`);
  }
  if (COMPARISONS.has(operator) && !isFilter) return FLAG;
  return left.type === "scalar" && isFilter ? right.unit : left.unit ?? right.unit;
}

function resultLabels(operator: string, left: Value, right: Value, node: Node, walk: Walk): ReadonlySet<string> {
  if (left.type === "scalar") return right.labels;
  if (right.type === "scalar") return left.labels;
  const { on, group, include } = matchingOf(node);
  // One side's rows that the other lacks: every label may be told by either.
  if (operator === "Or") return left.labels.size === 0 ? left.labels : new Set([...left.labels, ...right.labels]);
  for (const label of on ?? []) {
    for (const side of [left, right]) {
      if (!side.labels.has(label)) walk.problems.push(`matching on ${label}, which one side lacks: ${node.text}`);
    }
  }
  if (on === null && [...left.labels].sort().join() !== [...right.labels].sort().join()) {
    walk.problems.push(`sides with different labels never match: ${node.text}`);
  }
  if (SET_OPERATORS.has(operator)) return left.labels;
  const [many, one] = group === "right" ? [right, left] : [left, right];
  for (const label of include) {
    if (!one.labels.has(label)) walk.problems.push(`group_${group} of ${label}, which is not there: ${node.text}`);
  }
  if (group !== null) return new Set([...many.labels, ...include]);
  return on === null ? left.labels : new Set(on);
}

function matchingOf(node: Node): Matching {
  const clause = child(node, "MatchingModifierClause");
  if (clause === undefined) return { on: null, group: null, include: [] };
  const [on, include] = clause.children.filter(({ name }) => name === "GroupingLabels").map(groupingLabels);
  const group = child(clause, "GroupLeft") ? "left" : child(clause, "GroupRight") ? "right" : null;
  return { on: child(clause, "On") === undefined ? null : on ?? [], group, include: include ?? [] };
}
