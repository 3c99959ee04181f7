import assert from "node:assert/strict";
import { generatedFiles } from "../../docs/generated_files.ts";

const ROOT = new URL("../../", import.meta.url);

for (const { path, text } of generatedFiles()) {
  Deno.test(`${path} is what \`deno task generate\` makes`, async () => {
    const checkedIn = await Deno.readTextFile(new URL(path, ROOT));
    // The whole of both would be thousands of lines.
    assert.equal(firstDifference(checkedIn, text), null);
  });
}

Deno.test("grafana/dashboards has no board that is not generated", async () => {
  const generated = new Set(generatedFiles().map(({ path }) => path));
  const names = (await Array.fromAsync(Deno.readDir(new URL("grafana/dashboards/", ROOT)))).map(({ name }) => name);
  const boards = names.filter((name) => name.endsWith(".json")).map((name) => `grafana/dashboards/${name}`);
  assert.deepEqual(boards.filter((path) => !generated.has(path)), []);
  assert.ok(boards.length > 0);
});

function firstDifference(left: string, right: string): string | null {
  const a = left.split("\n");
  const b = right.split("\n");
  const index = a.findIndex((line, at) => line !== b[at]);
  if (index === -1) return a.length === b.length ? null : `line ${a.length + 1}: nothing, expected ${b[a.length]}`;
  return `line ${index + 1}: ${a[index]}, expected ${b[index]}`;
}
