import assert from "node:assert/strict";
import { METRIC_TABLE } from "../../lib/metrics/table/table.ts";
import { readDocuments, ROOT } from "../support/docs/documents.ts";
import { parseMarkdown } from "../support/docs/markdown.ts";
import { unknownNames } from "../support/docs/names.ts";
import { analyzePromql } from "../support/promql/analyze.ts";
import { createVocabulary } from "../support/promql/vocabulary.ts";

const documents = await readDocuments();
const vocabulary = createVocabulary(METRIC_TABLE);
const known = [...vocabulary.keys(), ...METRIC_TABLE.map(({ name }) => name)];
/** Names of other things that look like metrics: a key, users of databases. */
const NO_METRICS = /^prodigy_(home|reader|exporter)$/;

Deno.test("every metric that a document names is in the table", () => {
  const unknown: string[] = [];
  for (const { path, text } of documents) {
    for (const [name] of text.matchAll(/(?<![\w/.:-])(?:prodigy|process)_[a-z0-9_]+\*?/g)) {
      const isKnown = name.endsWith("_") || name.endsWith("*")
        ? known.some((one) => one.startsWith(name.replace("*", "")))
        : known.includes(name) || NO_METRICS.test(name);
      if (!isKnown) unknown.push(`${path}: ${name}`);
    }
  }
  assert.deepEqual(unknown, []);
});

Deno.test("every selector in a document names labels and values that the metric has", () => {
  const wrong: string[] = [];
  let selectors = 0;
  for (const { path, text } of documents) {
    for (const [selector, name = "", inside = ""] of text.matchAll(/\b((?:prodigy|process)_[a-z0-9_]+)\{([^{}]*)\}/g)) {
      selectors++;
      const labels = vocabulary.get(name)?.labels;
      // Names alone, as documents list them: `name{label, other}`.
      for (const part of inside.split(",").map((one) => one.trim()).filter((one) => one !== "")) {
        const [, label = "", operator, value = ""] = /^([a-z_]+)(?:(=~|!~|!=|=)"([^"]*)")?$/.exec(part) ?? [];
        const values = labels?.get(label);
        const isRight = values !== undefined &&
          (operator === undefined || operator.includes("~") || values === null || label === "le" ||
            values.includes(value));
        if (!isRight) wrong.push(`${path}: ${selector}`);
      }
    }
  }
  assert.ok(selectors > 5, `${selectors}`);
  assert.deepEqual(wrong, []);
});

Deno.test("every query in a document asks for what there is", () => {
  for (const { path, blocks } of documents) {
    for (const { text, line } of blocks.filter(({ language }) => language === "promql")) {
      assert.deepEqual(analyzePromql(text.trim(), vocabulary).problems, [], `${path}:${line}`);
    }
  }
});

Deno.test("every option, flag, variable, command and task that a document names is there", async () => {
  const tasks = Object.keys(JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)).tasks);
  const unknown = documents.flatMap((document) =>
    unknownNames(document, tasks).map((name) => `${document.path}: ${name}`)
  );
  assert.deepEqual(unknown, []);
});

const WRONG: readonly { readonly text: string; readonly unknown: string }[] = [
  { text: "Set `metrics.prot`.", unknown: "metrics.prot" },
  { text: "Set `PRODIGY_METRICS_PROT`.", unknown: "PRODIGY_METRICS_PROT" },
  { text: "Use `--metrics-prot 9464`.", unknown: "--metrics-prot" },
  { text: "Run `prodigy-exporter chekc-config`.", unknown: "prodigy-exporter chekc-config" },
  { text: "Run `deno task strat`.", unknown: "deno task strat" },
  {
    text: "```sh\nprodigy-exporter emit \\\n  workflow_started --name x\n```",
    unknown: "prodigy-exporter emit workflow_started --name x: --name",
  },
  { text: "    deno task start once --out past", unknown: "deno task start once --out past: --out" },
];
for (const { text, unknown } of WRONG) {
  Deno.test(`unknownNames() sees ${unknown}`, () => {
    const document = { path: "x.md", text, ...parseMarkdown(text) };
    assert.deepEqual(unknownNames(document, ["start"]), [unknown]);
  });
}
