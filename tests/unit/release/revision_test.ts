import assert from "node:assert/strict";
import { readRevision } from "../../../release/revision.ts";
import { createScratch } from "../../support/scratch.ts";
import { runTool, testWithTools } from "../../support/tool.ts";

const NOTHING_GIVEN = { commit: undefined, sourceDateEpoch: undefined };

testWithTools(
  "readRevision() tells the commit, its day in UTC, and whether files were changed since",
  ["git"],
  async () => {
    using scratch = createScratch();
    const root = scratch.path;
    const git = async (...args: readonly string[]): Promise<string> => {
      const who = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
      const env = {
        GIT_COMMITTER_DATE: "2026-11-24T23:30:00-02:00",
        GIT_AUTHOR_DATE: "2026-11-20T00:00:00Z",
        HOME: root,
      };
      const { code, stdout, stderr } = await runTool("git", [...who, ...args], { cwd: root, env });
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    await git("init", "--quiet");
    await Deno.writeTextFile(`${root}/file`, "one");
    await git("add", "file");
    await git("commit", "--quiet", "--message", "One");
    const commit = (await git("rev-parse", "HEAD")).slice(0, 12);
    assert.deepEqual(await readRevision(root, NOTHING_GIVEN), { commit, date: "2026-11-25" });
    await Deno.writeTextFile(`${root}/other`, "not of the repository");
    assert.equal((await readRevision(root, NOTHING_GIVEN)).commit, commit);
    await Deno.writeTextFile(`${root}/file`, "two");
    assert.equal((await readRevision(root, NOTHING_GIVEN)).commit, `${commit}-dirty`);
  },
);

const OUTSIDE = [
  { given: NOTHING_GIVEN, revision: { commit: "unknown", date: "unknown" } },
  { given: { commit: "", sourceDateEpoch: "" }, revision: { commit: "unknown", date: "unknown" } },
  { given: { commit: "abc", sourceDateEpoch: "1795478643" }, revision: { commit: "abc", date: "2026-11-24" } },
  { given: { commit: undefined, sourceDateEpoch: "soon" }, revision: { commit: "unknown", date: "unknown" } },
];

for (const { given, revision } of OUTSIDE) {
  Deno.test(`readRevision() outside a repository takes what is given: ${JSON.stringify(given)}`, async () => {
    using scratch = createScratch();
    assert.deepEqual(await readRevision(scratch.path, given), revision);
  });
}
