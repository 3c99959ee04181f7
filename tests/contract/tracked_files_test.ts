import assert from "node:assert/strict";
import { ROOT } from "../support/docs/documents.ts";
import { runTool } from "../support/tool.ts";

/** In pieces, so that this file is none of those it looks for. */
const HOSTS = [
  ["npmjs", "org"],
  ["npmjs", "com"],
  ["jsr", "io"],
  ["deb.debian", "org"],
  ["crates", "io"],
  ["pypi", "org"],
  ["pythonhosted", "org"],
  ["proxy.golang", "org"],
  ["dl.deno", "land"],
].map((parts) => parts.join("."));
const MACHINE_PATHS = ["work", "root", "workspace"].map((name) => `/${name}/`);

Deno.test("no tracked file names a registry's host or a path of somebody's machine", async () => {
  const { code, stdout, stderr } = await runTool("git", ["ls-files", "-z"], { cwd: ROOT });
  assert.equal(code, 0, stderr);
  const paths = stdout.split("\0").filter((path) => path !== "");
  assert.ok(paths.length > 100);
  const naming: string[] = [];
  for (const path of paths) {
    const bytes = await Deno.readFile(ROOT + path).catch((error) => {
      // Removed from the working tree and not yet from the index.
      if (error instanceof Deno.errors.NotFound) return new Uint8Array();
      throw error;
    });
    const text = new TextDecoder().decode(bytes);
    for (const host of HOSTS) if (text.includes(host)) naming.push(`${path}: ${host}`);
    for (const start of MACHINE_PATHS) {
      // A directory of one's own name is no place on a machine: lib/metrics/work/.
      const place = new RegExp(`(?<![\\w.*-])${start}`);
      if (place.test(text)) naming.push(`${path}: ${start}`);
    }
  }
  assert.deepEqual(naming, []);
});
