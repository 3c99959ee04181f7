import assert from "node:assert/strict";
import { parseMarkdown } from "../support/docs/markdown.ts";

Deno.test("parseMarkdown() finds blocks with their language, line, comment and what they print", () => {
  const text = [
    "# A `b`, c!",
    "",
    "<!-- not run: too long -->",
    "",
    "```sh",
    "one",
    "```",
    "",
    "```text",
    "1",
    "```",
    "",
    "1. In a list",
    "",
    "   ```yaml",
    "   a:",
    "     b: 1",
    "   ```",
    "",
    "    two",
    "",
    "    three",
    "",
    "[there](x.md#y) and `span`",
  ].join("\n");
  const { blocks, anchors, links, spans, prose } = parseMarkdown(text);
  assert.deepEqual(blocks, [
    { language: "sh", text: "one\n", line: 6, comment: "not run: too long", prints: "1\n" },
    { language: "text", text: "1\n", line: 10, comment: null, prints: null },
    { language: "yaml", text: "a:\n  b: 1\n", line: 16, comment: null, prints: null },
    { language: "sh", text: "two\n\nthree\n", line: 20, comment: null, prints: null },
  ]);
  assert.deepEqual([...anchors], ["a-b-c"]);
  assert.deepEqual(links, ["x.md#y"]);
  assert.deepEqual(spans, ["b", "span"]);
  assert.equal(prose.split("\n").length, text.split("\n").length);
});

Deno.test("parseMarkdown() numbers headings that are alike, as GitHub does", () => {
  assert.deepEqual([...parseMarkdown("# A\n\n## A\n").anchors], ["a", "a-1"]);
});
