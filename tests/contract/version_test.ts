import assert from "node:assert/strict";
import { VERSION } from "../../lib/version.ts";
import { changesOf } from "../../release/changelog.ts";
import { DENO_VERSION } from "../../release/targets.ts";
import { fromFileUrl } from "../support/file_url.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

Deno.test("deno.json and the changelog have the program's version", async () => {
  assert.equal(JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)).version, VERSION);
  assert.notEqual(changesOf(await Deno.readTextFile(`${ROOT}CHANGELOG.md`), VERSION), null);
});

Deno.test("every place that fetches Deno fetches the version that is built with", async () => {
  for (const path of ["README.md", "CONTRIBUTING.md", ".ci/run", ".github/workflows/ci.yml", "Dockerfile"]) {
    const versions = [...(await Deno.readTextFile(ROOT + path)).matchAll(/deno@(\d+\.\d+\.\d+)/g)];
    assert.ok(versions.length > 0, `${path} names none`);
    assert.deepEqual(versions.map(([, version]) => version).filter((version) => version !== DENO_VERSION), [], path);
  }
});
