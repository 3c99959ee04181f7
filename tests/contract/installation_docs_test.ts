import assert from "node:assert/strict";
import { COMMANDS } from "../../lib/config/commands.ts";
import { TARGETS } from "../../release/targets.ts";
import { fromFileUrl } from "../support/file_url.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(ROOT + path);
}

Deno.test("docs/installation.md names the targets there are, and files that exist", async () => {
  const text = await read("docs/installation.md");
  const targets = [...text.matchAll(/`((?:x86_64|aarch64)-[\w-]+)`/g)].map(([, target]) => target);
  assert.deepEqual([...new Set(targets)].sort(), [...TARGETS].sort());
  const files = [...text.matchAll(/packaging\/[\w./-]+\w/g)].map(([path]) => path);
  assert.ok(files.length >= 4, `${files}`);
  for (const file of files) assert.ok((await Deno.stat(ROOT + file)).isFile || file === "packaging/systemd", file);
});

Deno.test("docs/installation.md mounts and publishes what the image has", async () => {
  const [docs, image] = await Promise.all([read("docs/installation.md"), read("Dockerfile")]);
  const mounted = [...docs.matchAll(/--volume \S+?:(\/[\w./-]+)/g)].map(([, path = ""]) => path);
  assert.equal(mounted.length, 4);
  for (const path of mounted) assert.ok(image.includes(path) || path.startsWith("/home/prodigy/."), path);
  assert.match(image, /HOME=\/home\/prodigy/);
  for (const [, port = ""] of docs.matchAll(/--publish \d+:(\d+)/g)) assert.match(image, new RegExp(`EXPOSE ${port}`));
  for (const [, name = ""] of docs.matchAll(/--build-arg (\w+)=/g)) assert.match(image, new RegExp(`ARG ${name}`));
});

Deno.test("docs/backfill.md uses the flags that backfill has, and says their defaults", async () => {
  const text = await read("docs/backfill.md");
  const { flags } = COMMANDS.backfill;
  for (const name of Object.keys(flags)) assert.ok(text.includes(`--${name}`), name);
  const written = [...text.matchAll(/--([a-z][\w-]*)/g)].map(([, name = ""]) => name);
  assert.deepEqual(written.filter((name) => !Object.hasOwn(flags, name)), []);
  assert.equal(flags.since.default, "15d");
  assert.match(text, /15 days ago unless told/);
});
