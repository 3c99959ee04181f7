import assert from "node:assert/strict";
import { type OpenedState, openStateDirectory, type StateDirectory } from "../../../lib/snapshot/state_directory.ts";
import { TempFolder } from "../../support/socket_rig.ts";

const OWNER = { pid: Deno.pid, uid: Deno.uid() };

Deno.test("openStateDirectory() creates the directory for its owner only", () => {
  using folder = new TempFolder();
  const path = folder.file("a/b");
  using directory = directoryOf(openStateDirectory(path, OWNER));
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o700);
  assert.equal(directory.file("snapshot"), `${Deno.realPathSync(path)}/snapshot`);
});

Deno.test("openStateDirectory() refuses a second holder and names the first", () => {
  using folder = new TempFolder();
  {
    using _first = directoryOf(openStateDirectory(folder.path, OWNER));
    assert.match(problemOf(openStateDirectory(folder.path, { ...OWNER, pid: 1 })), new RegExp(`process ${Deno.pid}`));
  }
  using _again = directoryOf(openStateDirectory(folder.path, OWNER));
});

Deno.test("openStateDirectory() is refused while another process lives, and not after it was killed", async () => {
  using folder = new TempFolder();
  const module = new URL("../../../lib/snapshot/state_directory.ts", import.meta.url).href;
  const program = `
    const { openStateDirectory } = await import(${JSON.stringify(module)});
    const opened = openStateDirectory(${JSON.stringify(folder.path)}, { pid: Deno.pid, uid: null });
    console.log(opened.kind);
    await new Promise(() => setInterval(() => {}, 1000));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", program],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const first = await reader.read();
  assert.equal(new TextDecoder().decode(first.value), "open\n");
  assert.match(problemOf(openStateDirectory(folder.path, OWNER)), new RegExp(`\\(process ${child.pid}\\) is using it`));
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  using _ours = directoryOf(openStateDirectory(folder.path, OWNER));
});

Deno.test("openStateDirectory() follows a link, so that both names are one lock", () => {
  using folder = new TempFolder();
  Deno.mkdirSync(folder.file("real"), { mode: 0o700 });
  Deno.symlinkSync(folder.file("real"), folder.file("link"));
  using _first = directoryOf(openStateDirectory(folder.file("link"), OWNER));
  assert.equal(openStateDirectory(folder.file("real"), OWNER).kind, "refused");
});

Deno.test("openStateDirectory() refuses a directory that everybody may write to", () => {
  using folder = new TempFolder();
  Deno.chmodSync(folder.path, 0o777);
  assert.match(problemOf(openStateDirectory(folder.path, OWNER)), /chmod o-w/);
});

Deno.test("openStateDirectory() warns of a directory that belongs to somebody else", () => {
  using folder = new TempFolder();
  const opened = openStateDirectory(folder.path, { ...OWNER, uid: 4711 });
  using _directory = directoryOf(opened);
  assert.match(
    opened.kind === "open" ? opened.warnings.join() : "",
    /belongs to user \d+, this process runs as user 4711/,
  );
});

Deno.test("openStateDirectory() refuses a file", () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(folder.file("file"), "");
  assert.match(problemOf(openStateDirectory(folder.file("file"), OWNER)), /not a directory/);
});

Deno.test("openStateDirectory() goes on without what cannot be made", () => {
  const opened = openStateDirectory("/proc/prodigy-exporter", OWNER);
  assert.equal(opened.kind, "unavailable");
});

Deno.test("openStateDirectory() opens a directory it may not write to, and says so", () => {
  using folder = new TempFolder();
  // A directory where the lock file should be: cannot be opened for writing, as on a read-only disk.
  Deno.mkdirSync(folder.file("lock"));
  const opened = openStateDirectory(folder.path, OWNER);
  using _directory = directoryOf(opened);
  assert.match(opened.kind === "open" ? opened.warnings.join() : "", /Cannot write .*\/lock/);
});

function directoryOf(opened: OpenedState): StateDirectory {
  if (opened.kind !== "open") throw new Error(opened.problem);
  return opened.directory;
}

function problemOf(opened: OpenedState): string {
  if (opened.kind !== "refused") throw new Error(`Not refused: ${opened.kind}`);
  return opened.problem;
}
