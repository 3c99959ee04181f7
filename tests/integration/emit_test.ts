import assert from "node:assert/strict";
import { type EmitDeps, runEmit } from "../../lib/emit/emit_command.ts";
import { SocketRig, TempFolder } from "../support/socket_rig.ts";

const STARTED = ["workflow_started", "--workflow-id", "run-1", "--workflow-name", "demo"];

Deno.test("emit sends an event, waits until it is journaled and succeeds", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path).listen();
  const terminal = new Terminal(rig.path);
  assert.equal(await terminal.emit(STARTED), 0);
  // No look has happened: the line is on disk because of the acknowledgement.
  assert.match(folder.read("journal-1.jsonl"), /^\{"event_type":"workflow_started","id":"uuid-1",.*\}\n$/);
  rig.look();
  assert.equal(rig.lines.length, 1);
  assert.deepEqual(terminal.errors, []);
});

Deno.test("emit --socket wins over the configured one", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path).listen();
  assert.equal(await new Terminal("/nowhere").emit([...STARTED, "--socket", rig.path]), 0);
});

Deno.test("emit warns when the line is in memory only", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path, { journal: null }).listen();
  const terminal = new Terminal(rig.path);
  assert.equal(await terminal.emit(STARTED), 0);
  assert.match(terminal.errors.join(), /has no journal/);
});

Deno.test("emit refuses a bad event without connecting", async () => {
  const terminal = new Terminal("/nowhere");
  assert.equal(await terminal.emit(["workflow_started", "--workflow-id", "run-1"]), 2);
  assert.deepEqual(terminal.errors, ["emit: Cannot emit workflow_started as --workflow-name is missing"]);
});

Deno.test("emit says that there is no socket", async () => {
  using folder = new TempFolder();
  const terminal = new Terminal(folder.file("socket"));
  assert.equal(await terminal.emit(STARTED), 1);
  assert.match(terminal.errors.join(), /Cannot connect to the socket .*: there is none; is the exporter running/);
});

Deno.test("emit says that an exporter which does not answer does not", async () => {
  using folder = new TempFolder();
  // Accepts, because the system does, and never reads.
  const listener = Deno.listen({ transport: "unix", path: folder.file("socket") });
  const terminal = new Terminal(folder.file("socket"));
  assert.equal(await terminal.emit([...STARTED, "--timeout", "0.05"]), 1);
  assert.match(terminal.errors.join(), /did not answer within 0.05 s/);
  listener.close();
});

Deno.test("emit says that the exporter hung up", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path, { maxConnections: 0 }).listen();
  const terminal = new Terminal(rig.path);
  assert.equal(await terminal.emit(STARTED), 1);
  assert.equal(terminal.errors.length, 1);
});

Deno.test("emit --stdin sends many lines, leaves bad ones out and says which", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path).listen();
  const good = Array.from({ length: 5_000 }, (_, index) => `{"event_type":"agent_failed_oddly","n":${index}}`);
  const lines = [...good, "not json", '{"event_type":"worktree_pool_changed","available":"x"}', "", ...good];
  const terminal = new Terminal(rig.path, new TextEncoder().encode(lines.join("\n")));
  const code = terminal.emit(["--stdin"]);
  await rig.untilLines(10_000);
  assert.equal(await code, 2);
  assert.deepEqual(rig.lines, [...good, ...good]);
  assert.deepEqual(terminal.errors, [
    "emit: line 5001 was not sent: bad_json",
    "emit: line 5002 was not sent: wrong_field_type (available)",
  ]);
});

Deno.test("emit --stdin says when the exporter takes shorter lines only", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path, { lineMaxBytes: 100 }).listen();
  const line = `{"event_type":"claude_message","agent_id":"${"x".repeat(100)}"}\n`;
  const terminal = new Terminal(rig.path, new TextEncoder().encode(line));
  assert.equal(await terminal.emit(["--stdin"]), 1);
  assert.match(terminal.errors.join(), /took 0 of 1 lines/);
});

Deno.test("emit --file appends, beside other writers", async () => {
  using folder = new TempFolder();
  folder.write("events.jsonl", "earlier\n");
  const terminal = new Terminal("/nowhere");
  const file = ["--file", folder.file("events.jsonl")];
  assert.deepEqual(await Promise.all([terminal.emit([...STARTED, ...file]), terminal.emit([...STARTED, ...file])]), [
    0,
    0,
  ]);
  const lines = folder.read("events.jsonl").split("\n");
  assert.deepEqual([lines.length, lines[0], lines[3]], [4, "earlier", ""]);
  assert.deepEqual(lines.slice(1, 3).map((line) => JSON.parse(line).workflow_name), ["demo", "demo"]);
});

Deno.test("emit --file says what it cannot write", async () => {
  using folder = new TempFolder();
  const terminal = new Terminal("/nowhere");
  assert.equal(await terminal.emit([...STARTED, "--file", folder.path]), 1);
  assert.match(terminal.errors.join(), /Cannot append to /);
});

Deno.test("emit --help succeeds, and a wrong call tells of it", async () => {
  const terminal = new Terminal("/nowhere");
  assert.equal(await terminal.emit(["--help"]), 0);
  assert.match(terminal.output.join(), /Usage: prodigy-exporter emit/);
  assert.equal(await terminal.emit([]), 2);
  assert.match(terminal.errors.join(), /emit --help/);
});

/** What `emit` has around it: standard input, what it prints, ids that count up. */
class Terminal {
  readonly output: string[] = [];
  readonly errors: string[] = [];
  readonly #deps: EmitDeps;
  #ids = 0;

  constructor(socketPath: string, stdin: Uint8Array = new Uint8Array()) {
    this.#deps = {
      socketPath,
      lineMaxBytes: 1 << 20,
      stdin: new Blob([Uint8Array.from(stdin)]).stream(),
      print: (text) => this.output.push(text),
      printError: (text) => this.errors.push(text),
      uuid: () => `uuid-${this.#ids += 1}`,
      nowMs: () => Date.parse("2026-11-24T09:00:00Z"),
    };
  }

  emit(args: readonly string[]): Promise<number> {
    return runEmit(args, this.#deps);
  }
}
