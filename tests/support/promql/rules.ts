import { load } from "js-yaml";
import { analyzePromql } from "./analyze.ts";
import { COUNT, describeUnit, RATIO, SECONDS, type Unit, unitOfName } from "./unit.ts";
import type { SeriesFacts, Vocabulary } from "./vocabulary.ts";

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface Recording {
  readonly record: string;
  readonly expr: string;
}
export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly (Alert | Recording)[] }[];
}

const ROOT = new URL("../../../", import.meta.url);
/** Recording rules first: the alerts ask for what they record. */
export const RULE_FILES = ["prometheus/rules/recording.yml", "prometheus/rules/alerts.yml"] as const;

export async function readRuleTexts(): Promise<readonly string[]> {
  return await Promise.all(RULE_FILES.map((path) => Deno.readTextFile(new URL(path, ROOT))));
}

export function parseRules(texts: readonly string[]): readonly (Alert | Recording)[] {
  // Whether it has this shape is what `promtool check rules` judges.
  return texts.flatMap((text) => (load(text) as RuleFile).groups.flatMap(({ rules }) => rules));
}

export function alertsIn(texts: readonly string[]): readonly Alert[] {
  return parseRules(texts).filter((rule) => "alert" in rule);
}

export interface CheckedRules {
  readonly problems: readonly string[];
  readonly names: ReadonlySet<string>;
  /** The metrics, and what the rules record. */
  readonly vocabulary: Vocabulary;
}

/** Everything about the rules that does not agree with the metrics. */
export function checkRules(texts: readonly string[], metrics: Vocabulary): CheckedRules {
  const vocabulary = new Map(metrics);
  const problems: string[] = [];
  const names = new Set<string>();
  for (const rule of parseRules(texts)) {
    const title = "alert" in rule ? rule.alert : rule.record;
    const analysis = analyzePromql(rule.expr, vocabulary);
    for (const name of analysis.names) names.add(name);
    problems.push(...analysis.problems.map((problem) => `${title}: ${problem}`));
    if ("record" in rule) vocabulary.set(rule.record, recorded(rule.record, analysis.labels, analysis.unit));
    else problems.push(...checkTexts(rule, analysis.labels, analysis.unit).map((problem) => `${title}: ${problem}`));
  }
  return { problems, names, vocabulary };
}

function recorded(name: string, labels: ReadonlySet<string>, unit: Unit): SeriesFacts {
  return {
    kind: "gauge",
    labels: new Map([...labels].map((label) => [label, null])),
    unit: unit ?? unitOfName(name),
  };
}

/** How an alert's text may say its value. */
const SAID_BY: Readonly<Record<string, readonly Unit[]>> = {
  humanize: [COUNT, { USD: 1 }],
  humanizePercentage: [RATIO],
  humanizeDuration: [SECONDS],
};

function checkTexts({ annotations = {} }: Alert, labels: ReadonlySet<string>, unit: Unit): readonly string[] {
  const text = Object.values(annotations).join("\n");
  const named = [...text.matchAll(/\$labels\.(\w+)/g)].map((match) => match[1] ?? "");
  const said = [...text.matchAll(/\$value\s*(?:\|\s*(\w+))?\s*\}\}/g)].map((match) => match[1] ?? "plain");
  return [
    ...named.filter((label) => !labels.has(label)).map((label) => `speaks of ${label}, which is not there`),
    ...said.filter((by) => !SAID_BY[by]?.some((one) => describeUnit(one) === describeUnit(unit))).map((by) =>
      `says ${describeUnit(unit)} by ${by}`
    ),
  ];
}
