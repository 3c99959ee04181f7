import assert from "node:assert/strict";
import { runProgram } from "../support/program.ts";
import { TempFolder } from "../support/socket_rig.ts";

/** The shell's: a stream whose reader has left before anything was written. */
const STDOUT_WITHOUT_READER = "mkfifo left && exec 3<>left >left 3<&-";
const STDERR_WITHOUT_READER = "mkfifo left && exec 3<>left 2>left 3<&-";

for (const command of ["once", "help", "check-config"]) {
  Deno.test(`${command} ends quietly when its reader has left`, async () => {
    using folder = new TempFolder();
    const { code, stderr } = await runProgram({ home: folder.path, setUp: STDOUT_WITHOUT_READER }, command);
    assert.doesNotMatch(stderr, /BrokenPipe|main\.ts/);
    // As after SIGPIPE.
    assert.equal(code, 141, stderr);
  });
}

Deno.test("a command that is refused says so by its exit code alone when nobody reads stderr", async () => {
  using folder = new TempFolder();
  const { code } = await runProgram({ home: folder.path, setUp: STDERR_WITHOUT_READER }, "--nonsense");
  assert.equal(code, 2);
});

for (
  const args of [
    ["--config=own.toml", "emit", "worktree_pool_changed", "--available=4"],
    ["--log-level", "error", "--config", "own.toml", "emit", "worktree_pool_changed", "--available", "4"],
    ["emit", "--config", "own.toml", "worktree_pool_changed", "--available", "4"],
    ["--socket-path", "/nowhere/own.sock", "emit", "worktree_pool_changed", "--available", "4"],
    ["emit", "worktree_pool_changed", "--available", "4", "--socket-path", "/nowhere/own.sock"],
  ]
) {
  Deno.test(`${args.join(" ")} asks for the socket it was told`, async () => {
    using folder = new TempFolder();
    folder.write("own.toml", '[socket]\npath = "/nowhere/own.sock"\n');
    const { code, stderr } = await runProgram({ home: folder.path }, ...args);
    assert.match(stderr, /^emit: Cannot connect to the socket \/nowhere\/own\.sock: /);
    assert.equal(code, 1);
  });
}

Deno.test("emit refuses a field whose value is an empty variable", async () => {
  using folder = new TempFolder();
  const run = ["--workflow-id", "r1", "--workflow-name", "--status", "success", "--duration", "1"];
  const { code, stderr } = await runProgram({ home: folder.path }, "emit", "workflow_completed", ...run);
  assert.equal(
    stderr,
    "emit: Cannot emit workflow_completed as --workflow-name has no value: write one after it, or leave the flag out\n",
  );
  assert.equal(code, 2);
});
