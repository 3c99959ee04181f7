import assert from "node:assert/strict";
import { load } from "js-yaml";
import * as thresholds from "../../grafana/boards/thresholds.ts";
import { METRIC_TABLE } from "../../lib/metrics/table/table.ts";
import { alertsIn, checkRules, parseRules, readRuleTexts } from "../support/promql/rules.ts";
import { runTool, testWithTools } from "../support/tool.ts";
import { createVocabulary } from "../support/promql/vocabulary.ts";

const ROOT = new URL("../../", import.meta.url);
const texts = await readRuleTexts();
const alerts = alertsIn(texts);

Deno.test("the rules agree with the metric table", () => {
  assert.deepEqual(checkRules(texts, createVocabulary(METRIC_TABLE)).problems, []);
});

for (const { alert, labels = {}, annotations = {}, for: duration } of alerts) {
  Deno.test(`${alert} says how bad it is, since when, what it means and what to do`, async () => {
    assert.match(labels["severity"] ?? "", /^(info|warning|critical)$/);
    assert.ok(duration !== undefined, "needs a duration");
    for (const name of ["summary", "description"]) assert.ok((annotations[name] ?? "").length > 20, name);
    const path = annotations["runbook_url"] ?? "";
    assert.equal(path, `docs/runbooks/${alert}.md`);
    const runbook = await Deno.readTextFile(new URL(path, ROOT));
    assert.ok(runbook.startsWith(`# ${alert}\n`), "the runbook is about another alert");
    for (const section of ["## Meaning", "## Why it matters", "## What to look at", "## What to do"]) {
      assert.ok(runbook.includes(section), section);
    }
  });
}

Deno.test("every runbook belongs to an alert", async () => {
  const names = (await Array.fromAsync(Deno.readDir(new URL("docs/runbooks/", ROOT)))).map(({ name }) => name);
  const expected = alerts.map(({ alert }) => `${alert}.md`);
  assert.deepEqual(names.sort(), [...expected, "README.md"].sort());
});

Deno.test("boards and rules draw their lines at the same values", () => {
  const exprOf = (name: string): string => {
    const rule = parseRules(texts).find((one) => "alert" in one ? one.alert === name : one.record === name);
    return rule?.expr ?? "";
  };
  const lines: readonly (readonly [rule: string, pattern: RegExp, threshold: number])[] = [
    ["ProdigyDeadLetterQueueHigh", /> ([\d.]+)$/, thresholds.DLQ_ITEMS_ALERT],
    ["ProdigyWorkflowFailureRateHigh", /> ([\d.]+)$/, thresholds.FAILURE_RATE_ALERT],
    ["ProdigyStepRecoveryRateHigh", /> ([\d.]+)$/, thresholds.RECOVERY_RATE_ALERT],
    ["ProdigyAgentsSlow", /ratio1h > ([\d.]+) /, thresholds.SLOW_AGENTS_ALERT],
    ["prodigy:claude_budget_usd:month", /vector\(([\d.]+)\)/, thresholds.MONTHLY_BUDGET_USD],
  ];
  for (const [rule, pattern, threshold] of lines) {
    assert.equal(Number(pattern.exec(exprOf(rule))?.[1]), threshold, rule);
  }
});

interface RuleTests {
  readonly tests: readonly {
    readonly input_series: readonly { readonly series: string }[];
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
  }[];
}
const ruleTests = load(await Deno.readTextFile(new URL("prometheus/tests/alerts.yml", ROOT))) as RuleTests;

Deno.test("every alert is tested when it fires and when it must not", () => {
  const cases = ruleTests.tests.flatMap((one) => one.alert_rule_test);
  for (const { alert } of alerts) {
    const own = cases.filter(({ alertname }) => alertname === alert);
    assert.ok(own.some(({ exp_alerts }) => exp_alerts.length > 0), `${alert} is never seen firing`);
    assert.ok(own.some(({ exp_alerts }) => exp_alerts.length === 0), `${alert} is never seen silent`);
  }
});

Deno.test("the rules' tests are about series the exporter can have", () => {
  const vocabulary = createVocabulary(METRIC_TABLE);
  for (const { series } of ruleTests.tests.flatMap((one) => one.input_series)) {
    const [name = "", labels = ""] = series.split(/[{}]/);
    const facts = vocabulary.get(name);
    assert.ok(facts !== undefined, series);
    const told = new Map([...labels.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1] ?? "", match[2] ?? ""]));
    assert.deepEqual([...told.keys()].sort(), [...facts.labels.keys()].sort(), series);
    for (const [label, value] of told) {
      const values = label === "le" ? null : facts.labels.get(label) ?? null;
      assert.ok(values === null || values.includes(value), series);
    }
  }
});

testWithTools("promtool accepts the rules and their tests pass", ["promtool"], async () => {
  const cwd = decodeURIComponent(ROOT.pathname);
  for (
    const args of [
      ["check", "rules", "prometheus/rules/alerts.yml", "prometheus/rules/recording.yml"],
      ["check", "config", "prometheus.yml"],
      ["test", "rules", "prometheus/tests/alerts.yml"],
    ]
  ) {
    const { code, stdout, stderr } = await runTool("promtool", args, { cwd });
    assert.equal(code, 0, `${args.join(" ")}\n${stdout}${stderr}`);
  }
});
