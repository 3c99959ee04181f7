import { load } from "js-yaml";
import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { QUESTIONS } from "../../grafana/questions.ts";
import { loadInvocation } from "../../lib/config/load.ts";
import { type Document, readDocuments, reasonNotRun, ROOT } from "../support/docs/documents.ts";
import type { Block } from "../support/docs/markdown.ts";
import { isRunLanguage } from "../support/docs/run_block.ts";

const documents = await readDocuments();
const blocks = documents.flatMap((document) => document.blocks.map((block) => ({ document, block })));

function blocksOf(language: string): readonly { readonly where: string; readonly text: string }[] {
  return blocks.filter(({ block }) => block.language === language)
    .map(({ document, block }) => ({ where: `${document.path}:${block.line}`, text: block.text }));
}

function found(path: string): Document {
  const document = documents.find((one) => one.path === path);
  assert.ok(document !== undefined, path);
  return document;
}

Deno.test("every relative link of the documents leads to a file that is there, and to a heading in it", async () => {
  const broken: string[] = [];
  for (const { path, links } of documents) {
    for (const link of links.filter((one) => !/^[a-z]+:/.test(one))) {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? path : normalize(join(dirname(path), file));
      const exists = await Deno.stat(ROOT + target).then(() => true, () => false);
      const other = documents.find((one) => one.path === target);
      if (!exists || (anchor !== undefined && !other?.anchors.has(anchor))) broken.push(`${path}: ${link}`);
    }
  }
  assert.deepEqual(broken, []);
});

Deno.test("docs/README.md names every document, and runbooks have an index of their own", () => {
  const named = new Set(found("docs/README.md").links.map((link) => `docs/${link}`));
  const missing = documents.filter(({ path }) => /^docs\/[^/]+$/.test(path) && !named.has(path));
  assert.deepEqual(missing.map(({ path }) => path), ["docs/README.md"]);
  assert.ok(named.has("docs/runbooks/README.md"));
});

Deno.test("every block of code names its language, and what can be run is run or says why not", () => {
  const problems: string[] = [];
  for (const { document, block } of blocks) {
    const problem = problemOf(block);
    if (problem !== null) problems.push(`${document.path}:${block.line}: ${problem}`);
  }
  assert.deepEqual(problems, []);
});

const DATA_LANGUAGES = ["toml", "yaml", "json", "jsonl", "promql", "text", "sql", "ini"];

function problemOf({ language, comment, text }: Block): string | null {
  const isComment = comment !== null && /not run/.test(comment);
  if (isComment && reasonNotRun(comment) === null) return `no reason in ${comment}`;
  if (!isRunLanguage(language)) return DATA_LANGUAGES.includes(language) ? null : `no language "${language}" is known`;
  return /^\s*(sudo|docker|podman|systemctl)\b/m.test(text) && reasonNotRun(comment) === null
    ? "needs what tests do not have: say so with <!-- not run: … --> before it"
    : null;
}

Deno.test("README.md begins with the two commands, which are tasks", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const [first] = found("README.md").blocks;
  assert.equal(first?.line, 3);
  const commands = first.text.split("\n").filter((line) => line !== "").map((line) => line.split("#")[0]?.trim());
  assert.deepEqual(commands, [
    "npx -y deno@2.9.6 task start",
    "npx -y deno@2.9.6 task test",
    "deno task start",
    "deno task test",
  ]);
  assert.ok("start" in tasks && "test" in tasks);
});

Deno.test("README.md answers the questions with the panels and queries that the boards have", async () => {
  const { text } = found("README.md");
  const plain = text.replace(/\s+/g, " ");
  for (const { question, board, panel, promql } of QUESTIONS) {
    const { title } = JSON.parse(await Deno.readTextFile(`${ROOT}grafana/dashboards/${board}.json`));
    const place = `**${question}** Board _${title.replace("Prodigy / ", "")}_, panel _${panel}_.`;
    assert.ok(plain.includes(`${place} \`\`\`promql ${promql} \`\`\``), `${place} ${promql}`);
  }
});

for (const { where, text } of blocksOf("toml")) {
  Deno.test(`the configuration at ${where} is one`, () => {
    const invocation = loadInvocation({
      args: ["check-config", "--config", "given.toml"],
      env: () => undefined,
      readTextFile: () => text,
      homeDirectory: "/home/somebody",
      currentDirectory: "/home/somebody",
    });
    assert.deepEqual("problems" in invocation ? invocation.problems : [], []);
  });
}

Deno.test("YAML and JSON in the documents can be read", () => {
  for (const { where, text } of blocksOf("yaml")) assert.ok(load(text) !== undefined, where);
  for (const { where, text } of blocksOf("json")) assert.doesNotThrow(() => JSON.parse(text), where);
});
