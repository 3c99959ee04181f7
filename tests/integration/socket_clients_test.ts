import assert from "node:assert/strict";
import { receive, sendBytes, sendText, SocketRig, TempFolder, until } from "../support/socket_rig.ts";

Deno.test("100 clients that send in pieces, among them garbage, all count", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path).listen();
  const sent = await Promise.all(Array.from({ length: 100 }, async (_, index) => {
    const client = await rig.connect();
    const lines = [`{"client":${index},"n":1}`, `garbage \u{1F4A5} ${index}`, `{"client":${index},"n":2}`];
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
    const half = 5 + index % 40;
    await sendBytes(client, bytes.subarray(0, half));
    await sendBytes(client, bytes.subarray(half));
    await client.closeWrite();
    return lines;
  }));
  await rig.untilLines(300);
  assert.deepEqual(rig.lines.toSorted(), sent.flat().toSorted());
  await until("all clients are gone", () => rig.source.stats().openConnections === 0);
});

Deno.test("a client that asks is told how many lines are journaled", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path).listen();
  const client = await rig.connect();
  await sendText(client, 'a\nb\n{"ack":true}\n');
  assert.equal(await receive(client, "\n"), '{"ack":2}\n');
  // Not looked at yet, and on disk all the same.
  assert.equal(folder.read("journal-1.jsonl"), "a\nb\n");
  await sendText(client, 'c\n{"ack":true}\n');
  await client.closeWrite();
  assert.equal(await receive(client, "\n"), '{"ack":3}\n');
  await rig.untilLines(3);
  assert.deepEqual(rig.lines, ["a", "b", "c"]);
});

Deno.test("an acknowledgement says when lines are in memory only", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path, { journal: null }).listen();
  const client = await rig.connect();
  await sendText(client, 'a\n{"ack":true}\n');
  assert.equal(await receive(client, "\n"), '{"ack":1,"durable":false}\n');
  await sendText(client, '{"ack":true}\n');
  assert.equal(await receive(client, "\n"), '{"ack":1}\n');
  assert.equal(rig.source.stats().unjournaledLines, 1);
  assert.equal(rig.source.saveState(), null);
});

Deno.test("an orderly end without newline counts when it is JSON, and is rejected otherwise", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path).listen();
  for (const text of ['{"n":1}', 'x\n{"n":']) {
    const client = await rig.connect();
    await sendText(client, text);
    client.close();
  }
  await rig.untilLines(2);
  await until("the torn line is rejected", () => {
    rig.look();
    return rig.rejected.unterminated_line === 1;
  });
  assert.deepEqual(rig.lines.toSorted(), ["x", '{"n":1}']);
});

Deno.test("64 MiB without a newline cost no memory, and the connection goes on", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path, { lineMaxBytes: 64 * 1024 }).listen();
  const client = await rig.connect();
  const block = new Uint8Array(256 * 1024).fill(120);
  const rssBefore = Deno.memoryUsage().rss;
  for (let sent = 0; sent < 64 * 1024 * 1024; sent += block.length) await sendBytes(client, block);
  const grownBytes = Deno.memoryUsage().rss - rssBefore;
  await sendText(client, "\nafter\n");
  await rig.untilLines(1);
  assert.deepEqual([rig.lines, rig.rejected.line_too_long], [["after"], 1]);
  assert.ok(grownBytes < 48 * 1024 * 1024, `grew by ${grownBytes} bytes`);
});

Deno.test("clients that together hold too much of unfinished lines are disconnected", async () => {
  using folder = new TempFolder();
  const limits = { lineMaxBytes: 100_000, unfinishedMaxBytes: 200_000 };
  await using rig = await new SocketRig(folder.path, limits).listen();
  for (let count = 0; count < 4; count += 1) {
    const client = await rig.connect();
    await sendText(client, "x".repeat(90_000)).catch(ignoreBrokenPipe);
  }
  await until("one is disconnected", () => rig.source.stats().closedConnections.memory >= 1);
  await until("the others stay", () => rig.source.stats().openConnections === 2);
});

Deno.test("a client that never reads its acknowledgements is disconnected, and blocks nobody", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path).listen();
  const deaf = await rig.connect();
  const requests = '{"ack":true}\n'.repeat(5_000);
  await assert.rejects(async () => {
    for (;;) await sendText(deaf, requests);
  });
  assert.equal(rig.source.stats().closedConnections.acks_unread, 1);
  const client = await rig.connect();
  await sendText(client, 'a\n{"ack":true}\n');
  assert.equal(await receive(client, "\n"), '{"ack":1}\n');
});

Deno.test("clients beyond the limit are turned away at once, and admitted when there is room again", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path, { maxConnections: 2 }).listen();
  const first = await rig.connect();
  await rig.connect();
  await until("both are in", () => rig.source.stats().openConnections === 2);
  const third = await rig.connect();
  assert.equal(await receive(third, "\n"), "");
  assert.equal(rig.source.stats().closedConnections.connection_limit, 1);
  first.close();
  await until("one is gone", () => rig.source.stats().openConnections === 1);
  const fourth = await rig.connect();
  await sendText(fourth, "a\n");
  await rig.untilLines(1);
});

Deno.test("silent clients are disconnected after the idle time-out", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path, { idleTimeoutMs: 60_000 }).listen();
  const silent = await rig.connect();
  const lively = await rig.connect();
  await until("both are in", () => rig.source.stats().openConnections === 2);
  rig.nowMs += 30_000;
  await sendText(lively, "a\n");
  await rig.untilLines(1);
  rig.nowMs += 30_000;
  rig.look();
  assert.equal(await receive(silent, "\n"), "");
  assert.equal(rig.source.stats().closedConnections.idle, 1);
  await sendText(lively, "b\n");
  await rig.untilLines(2);
});

Deno.test("without looks clients wait, memory stays bounded, and every line arrives afterwards", async () => {
  using folder = new TempFolder();
  const queueMaxBytes = 1024 * 1024;
  await using rig = await new SocketRig(folder.path, { queueMaxBytes, idleTimeoutMs: 1000 }).listen();
  const lines = 20_000;
  const text = `{"pad":"${"x".repeat(480)}"}\n`.repeat(lines);
  const clients = await Promise.all([rig.connect(), rig.connect(), rig.connect()]);
  let finished = 0;
  const sending = clients.map((client) => sendText(client, text).then(() => finished += 1));
  await until("the queue is full", () => rig.source.health().behindBytes >= queueMaxBytes);
  // One block and its overhead may lie above the bound.
  assert.ok(rig.source.health().behindBytes < queueMaxBytes + 70_000, `${rig.source.health().behindBytes}`);
  assert.equal(finished, 0);
  // Whoever waits for us is not idle.
  rig.nowMs += 10_000;
  await rig.untilLines(3 * lines);
  await Promise.all(sending);
  assert.equal(rig.lines.length, 3 * lines);
  assert.equal(rig.source.health().behindBytes, 0);
});

Deno.test("with the journal full clients wait for a snapshot", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path, { journalMaxBytes: 100_000 }).listen();
  const client = await rig.connect();
  const sending = sendText(client, `${"x".repeat(99)}\n`.repeat(10_000));
  await until("the journal is full", () => rig.source.health().problem !== null);
  assert.equal(rig.source.wantsSnapshot(), true);
  let snapshots = 0;
  await until("all lines are there", () => {
    rig.look();
    if (rig.source.wantsSnapshot()) {
      snapshots += 1;
      rig.source.snapshotWritten(rig.source.saveState());
    }
    assert.ok(rig.source.stats().journalBytes <= 100_000 + 65_536);
    return rig.lines.length >= 10_000;
  });
  await sending;
  assert.equal(rig.lines.length, 10_000);
  assert.ok(snapshots >= 5, `${snapshots} snapshots`);
  assert.equal(rig.source.stats().unjournaledLines, 0);
});

Deno.test("with the journal full and no snapshot possible lines count all the same", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path, { journalMaxBytes: 1_000 }).listen();
  const client = await rig.connect();
  await sendText(client, `${"x".repeat(99)}\n`.repeat(11));
  await until("the journal is full", () => rig.source.health().problem !== null);
  await sendText(client, "more\n");
  rig.source.snapshotFailed();
  await rig.untilLines(12);
  assert.equal(rig.source.stats().unjournaledLines, 1);
});

Deno.test("a restart replays what was acknowledged and not yet in a snapshot", async () => {
  using folder = new TempFolder();
  let state: unknown;
  {
    await using rig = await new SocketRig(folder.path).listen();
    const client = await rig.connect();
    await sendText(client, 'a\n{"ack":true}\n');
    await receive(client, "\n");
    await rig.untilLines(1);
    state = JSON.parse(JSON.stringify(rig.source.saveState()));
    await sendText(client, 'b\nc\n{"ack":true}\n');
    await receive(client, "\n");
  }
  await using rig = new SocketRig(folder.path);
  rig.source.loadState(state);
  assert.equal(rig.source.health().behindBytes, 4);
  rig.look();
  assert.deepEqual(rig.lines, ["b", "c"]);
  rig.source.snapshotWritten(rig.source.saveState());
  assert.deepEqual(folder.names(), []);
});

Deno.test("the source wakes its consumer when something arrives after nothing", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path).listen();
  const client = await rig.connect();
  await sendText(client, "a\n");
  await until("it wakes", () => rig.wakes === 1);
  rig.look();
  await sendText(client, "b\n");
  await until("it wakes again", () => rig.wakes === 2);
});

Deno.test("drain() takes in what clients have under way, and no new clients", async () => {
  using folder = new TempFolder();
  await using rig = await new SocketRig(folder.path).listen();
  const client = await rig.connect();
  await until("it is in", () => rig.source.stats().openConnections === 1);
  const draining = rig.source.drain(5_000);
  await sendText(client, "a\nb\n");
  await draining;
  rig.look();
  assert.deepEqual(rig.lines, ["a", "b"]);
  await assert.rejects(rig.connect(), Deno.errors.NotFound);
});

Deno.test("failing to accept is survived, told and tried again", async () => {
  using folder = new TempFolder();
  await using rig = new SocketRig(folder.path);
  const closed = Promise.withResolvers<never>();
  let attempts = 0;
  rig.source.listen({
    accept: () => {
      attempts += 1;
      return attempts <= 1 ? Promise.reject(new Error("Too many open files")) : closed.promise;
    },
    findProblem: () => null,
    close: () => closed.reject(new Deno.errors.BadResource()),
  });
  await until("it is told", () => rig.source.health().problem?.includes("Too many open files") ?? false);
  await until("it is tried again", () => attempts === 2);
  assert.equal(rig.source.stats().acceptFailures, 1);
});

Deno.test("loadState() refuses what is no state", () => {
  using folder = new TempFolder();
  const rig = new SocketRig(folder.path);
  assert.throws(() => rig.source.loadState({ segment: "x" }), TypeError);
});

function ignoreBrokenPipe(error: unknown): void {
  if (!(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset)) throw error;
}
