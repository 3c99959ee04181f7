import assert from "node:assert/strict";
import { openSocketListener } from "../../lib/source/socket_listener.ts";
import type { OpenedListener } from "../../lib/source/socket_peer.ts";
import { openListener, receive, sendText, TempFolder } from "../support/socket_rig.ts";

Deno.test("openSocketListener() sets the mode, and its directory is made", async () => {
  using folder = new TempFolder();
  for (const mode of [0o600, 0o660, 0o666]) {
    const listener = await openListener(folder.file("a/socket"), mode);
    assert.equal(folder.permissions("a/socket"), mode);
    listener.close();
  }
});

Deno.test("openSocketListener() sets the group by number, and refuses an unknown name", async () => {
  using folder = new TempFolder();
  const path = folder.file("socket");
  const group = String(Deno.gid());
  const opened = await openSocketListener({ path, mode: 0o660, group });
  assert.equal((await Deno.lstat(path)).gid, Number(group));
  if (opened.kind === "listening") opened.listener.close();
  const refused = await openSocketListener({ path, mode: 0o660, group: "no such group" });
  assert.match(problemOf(refused), /no group "no such group"/);
});

Deno.test("openSocketListener() removes what a killed process left", async () => {
  using folder = new TempFolder();
  const path = folder.file("socket");
  await leaveStaleSocket(path);
  assert.ok((await Deno.lstat(path)).isSocket);
  const listener = await openListener(path);
  const client = await Deno.connect({ transport: "unix", path });
  const peer = await listener.accept();
  peer.close();
  client.close();
  listener.close();
});

Deno.test("openSocketListener() refuses where somebody listens, and leaves them alone", async () => {
  using folder = new TempFolder();
  const path = folder.file("socket");
  const first = await openListener(path);
  assert.match(problemOf(await openSocketListener({ path, mode: 0o600, group: null })), /another process is listening/);
  const client = await Deno.connect({ transport: "unix", path });
  client.close();
  first.close();
});

Deno.test("openSocketListener() refuses any other file", async () => {
  using folder = new TempFolder();
  folder.write("file", "precious");
  folder.link("link", folder.file("file"));
  for (const name of ["file", "link"]) {
    const opened = await openSocketListener({ path: folder.file(name), mode: 0o600, group: null });
    assert.match(problemOf(opened), /not a socket/);
  }
  assert.equal(folder.read("file"), "precious");
});

Deno.test("findProblem() tells when the socket was removed", async () => {
  using folder = new TempFolder();
  const listener = await openListener(folder.file("socket"));
  assert.equal(listener.findProblem(), null);
  await Deno.remove(folder.file("socket"));
  assert.match(listener.findProblem() ?? "", /was removed or replaced/);
  listener.close();
});

const PYTHON = findPython();

Deno.test({
  name: "openActivatedListener() serves on a socket that was passed (needs python3)",
  ignore: PYTHON === null,
  fn: async () => {
    using folder = new TempFolder();
    const path = folder.file("socket");
    // Binds and listens, then becomes the program: what a service manager does.
    const manager = `
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1]); listener.listen(16)
os.dup2(listener.fileno(), 3); os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])`;
    const program = new URL("../support/activated_program.ts", import.meta.url).pathname;
    const child = new Deno.Command(PYTHON ?? "", {
      args: ["-c", manager, path, Deno.execPath(), "run", "--allow-all", "--quiet", program, folder.path],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = child.stdout.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "listening\n");
    const client = await Deno.connect({ transport: "unix", path });
    const lines = `{"pad":"${"x".repeat(990)}"}\n`.repeat(1000);
    await sendText(client, `${lines}{"ack":true}\n`);
    // Half-closed, as `nc -N` and `socat` leave it.
    await client.closeWrite();
    assert.equal(await receive(client, "\n"), '{"ack":1000}\n');
    client.close();
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    assert.equal(folder.read("journal-1.jsonl"), lines);
  },
});

/** A socket file whose process was killed: only a kill leaves it. */
async function leaveStaleSocket(path: string): Promise<void> {
  const program = `Deno.listen({ transport: "unix", path: ${JSON.stringify(path)} }); Deno.kill(Deno.pid, "SIGKILL");`;
  await new Deno.Command(Deno.execPath(), { args: ["eval", program] }).output();
}

function problemOf(opened: OpenedListener): string {
  if (opened.kind === "refused") return opened.problem;
  opened.listener.close();
  throw new Error("It was not refused");
}

function findPython(): string | null {
  try {
    return new Deno.Command("python3", { args: ["-c", ""] }).outputSync().success ? "python3" : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
