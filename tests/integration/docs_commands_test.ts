import assert from "node:assert/strict";
import { readDocuments, reasonNotRun, ROOT } from "../support/docs/documents.ts";
import { createReadersMachine, isRunLanguage } from "../support/docs/run_block.ts";
import { startProgram } from "../support/program.ts";
import { createScratch } from "../support/scratch.ts";
import { testWithTools } from "../support/tool.ts";

/** The two commands of README.md run for as long as one likes, and for as long as this test and all others. */
const FIRST_BLOCK = { path: "README.md", line: 3 };

for (const { path, blocks } of await readDocuments()) {
  const run = blocks.filter(({ language, comment, line }) =>
    isRunLanguage(language) && reasonNotRun(comment) === null &&
    !(path === FIRST_BLOCK.path && line === FIRST_BLOCK.line)
  );
  if (run.length === 0) continue;
  const tools = run.some(({ language }) => language === "python") ? ["bash", "curl", "python3"] : ["bash", "curl"];
  testWithTools(`the examples in ${path} do what it says, one after the other`, tools, async (t) => {
    await using machine = await createReadersMachine();
    for (const block of run) {
      await t.step(`${block.language} at line ${block.line}`, async () => await machine.run(block));
    }
  });
}

Deno.test("the first command of README.md serves what README.md says, without any configuration", async () => {
  using scratch = createScratch();
  await Deno.mkdir(`${scratch.path}/.prodigy`);
  await using program = await startProgram({ home: scratch.path });
  await program.metrics();
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const paths = [...readme.matchAll(/^\| (`\/[^|]*`) +\|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path)
  );
  assert.ok(paths.length >= 6, `${paths}`);
  for (const path of paths) assert.equal((await program.get(path)).status, 200, path);
});
