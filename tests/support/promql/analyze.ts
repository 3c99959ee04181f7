import { binary } from "./binary.ts";
import { aggregate, call } from "./call.ts";
import { child, type Node, parsePromql, unquote } from "./tree.ts";
import type { Unit } from "./unit.ts";
import type { SeriesFacts, Vocabulary } from "./vocabulary.ts";

/** What is known of an expression's value before it is run. */
export interface Value {
  readonly type: "scalar" | "vector" | "range" | "string";
  readonly labels: ReadonlySet<string>;
  readonly unit: Unit;
  readonly observed?: Unit;
  /** The raw value of a counter: meaningless unless something takes its increase. */
  readonly isCounter: boolean;
}

export interface Analysis {
  readonly labels: ReadonlySet<string>;
  readonly unit: Unit;
  /** Everything that is wrong, each in one sentence. */
  readonly problems: readonly string[];
  /** Every name that was asked for. */
  readonly names: ReadonlySet<string>;
}

/** Collects while the tree is walked. */
export interface Walk {
  readonly vocabulary: Vocabulary;
  readonly problems: string[];
  readonly names: Set<string>;
}

/** Checks names, labels, label values, matching and units of a query against what can be there. */
export function analyzePromql(promql: string, vocabulary: Vocabulary): Analysis {
  const walk: Walk = { vocabulary, problems: [], names: new Set() };
  let root: Node;
  try {
    root = parsePromql(promql);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { labels: new Set(), unit: null, problems: [error.message], names: new Set() };
  }
  const value = evaluate(root, walk);
  if (value.isCounter) walk.problems.push(`the raw value of a counter: ${promql}`);
  return { labels: value.labels, unit: value.unit, problems: walk.problems, names: walk.names };
}

export function evaluate(node: Node, walk: Walk): Value {
  switch (node.name) {
    case "NumberDurationLiteral":
    case "NumberLiteral":
      return { type: "scalar", labels: new Set(), unit: null, isCounter: false };
    case "StringLiteral":
      return { type: "string", labels: new Set(), unit: null, isCounter: false };
    case "ParenExpr":
    case "UnaryExpr":
    case "OffsetExpr":
    case "StepInvariantExpr":
      return evaluate(operand(node), walk);
    case "MatrixSelector":
    case "SubqueryExpr":
      return { ...evaluate(operand(node), walk), type: "range" };
    case "VectorSelector":
      return select(node, walk);
    case "AggregateExpr":
      return aggregate(node, walk);
    case "FunctionCall":
      return call(node, walk);
    case "BinaryExpr":
      return binary(node, walk);
    default:
      walk.problems.push(`cannot judge ${node.name}: ${node.text}`);
      return { type: "vector", labels: new Set(), unit: null, isCounter: false };
  }
}

const NOT_OPERANDS = /^(UnaryOp|Offset|OffsetDurationExpr|DurationExpr|At|AtModifierPreprocessors|AtModifierVal)$/;

function operand(node: Node): Node {
  const found = node.children.find(({ name }) => !NOT_OPERANDS.test(name));
  if (found === undefined) throw new TypeError(`Cannot find the operand of ${node.name}: ${node.text}`);
  return found;
}

function select(node: Node, walk: Walk): Value {
  const name = child(node, "Identifier")?.text ?? "";
  walk.names.add(name);
  const facts = walk.vocabulary.get(name);
  if (facts === undefined) {
    walk.problems.push(`no metric is called ${name === "" ? node.text : name}`);
    return { type: "vector", labels: new Set(), unit: null, isCounter: false };
  }
  for (const matcher of child(node, "LabelMatchers")?.children ?? []) checkMatcher(name, matcher, facts, walk);
  const { unit, observed, kind } = facts;
  return {
    type: "vector",
    labels: new Set(facts.labels.keys()),
    unit,
    ...observed === undefined ? {} : { observed },
    isCounter: kind === "counter",
  };
}

function checkMatcher(name: string, matcher: Node, facts: SeriesFacts, { problems }: Walk): void {
  const label = child(matcher, "LabelName")?.text ?? matcher.text;
  const values = facts.labels.get(label);
  if (values === undefined) {
    problems.push(`${name} has no label ${label}`);
    return;
  }
  const operator = child(matcher, "MatchOp")?.text ?? "";
  const pattern = unquote(child(matcher, "StringLiteral")?.text ?? '""');
  const isPattern = operator.includes("~");
  if (values === null || (isPattern && /[.*+]/.test(pattern))) return;
  for (const value of isPattern ? pattern.split("|") : [pattern]) {
    if (!values.includes(value)) problems.push(`${name} has no ${label} "${value}"`);
  }
}
