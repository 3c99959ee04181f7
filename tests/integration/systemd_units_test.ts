import assert from "node:assert/strict";
import { fromFileUrl } from "../support/file_url.ts";
import { createScratch } from "../support/scratch.ts";
import { runTool, testWithTools } from "../support/tool.ts";

const UNITS = fromFileUrl(new URL("../../packaging/systemd/", import.meta.url));
const SYSTEM = ["prodigy-exporter.service", "prodigy-exporter.socket"];
const USER = ["user/prodigy-exporter.service"];

/** Copies units, with a program that is there in the place of the exporter. */
async function copyUnits(to: string): Promise<void> {
  await Deno.mkdir(`${to}/user`);
  for (const unit of [...SYSTEM, ...USER]) {
    const text = await Deno.readTextFile(UNITS + unit);
    await Deno.writeTextFile(`${to}/${unit}`, text.replace(/^ExecStart=.*/m, "ExecStart=/bin/true"));
  }
}

testWithTools("systemd finds nothing to say about the units", ["systemd-analyze"], async () => {
  using scratch = createScratch();
  await copyUnits(scratch.path);
  const verify = async (scope: string, units: readonly string[]): Promise<string> => {
    const args = ["verify", scope, ...units.map((unit) => `${scratch.path}/${unit}`)];
    const { code, stdout, stderr } = await runTool("systemd-analyze", args, {
      env: { XDG_RUNTIME_DIR: scratch.path, HOME: scratch.path },
    });
    return `${code} ${stdout}${stderr}`;
  };
  assert.equal(await verify("--system", SYSTEM), "0 ");
  assert.equal(await verify("--user", USER), "0 ");
});

testWithTools("the service is as closed as the documentation says", ["systemd-analyze"], async () => {
  const documented = await Deno.readTextFile(new URL("../../docs/installation.md", import.meta.url));
  const [, limit] = /exposure level of (\d\.\d)/.exec(documented) ?? [];
  const { stdout } = await runTool("systemd-analyze", ["security", "--offline=true", `${UNITS}${SYSTEM[0]}`]);
  assert.equal(/Overall exposure level for \S+: (\d\.\d)/.exec(stdout)?.[1], limit);
});

Deno.test("no unit forbids what V8 needs, and all run what the documentation installs", async () => {
  for (const unit of [SYSTEM[0], ...USER]) {
    const text = await Deno.readTextFile(UNITS + unit);
    assert.doesNotMatch(text, /^MemoryDenyWriteExecute/m, unit);
    assert.match(text, /^ExecStart=(\/usr\/local|%h\/\.local)\/bin\/prodigy-exporter$/m, unit);
  }
});

Deno.test("the user's unit lets the exporter give its socket to socket.group", async () => {
  const text = await Deno.readTextFile(`${UNITS}${USER[0]}`);
  const filters = [...text.matchAll(/^SystemCallFilter=(.*)$/gm)].map(([, filter = ""]) => filter);
  // Each line changes what those before it left.
  assert.ok(
    filters.lastIndexOf("@chown") > filters.findIndex((filter) => /^~.*@privileged/.test(filter)),
    filters.join(),
  );
});
