import assert from "node:assert/strict";
import { createAccident } from "../../support/accident.ts";
import { AckClient } from "../../support/ack_client.ts";
import { until } from "../../support/deadline.ts";
import { append, checkpointLines, eventLine } from "../../support/event_lines.ts";

const KILLS = 50;
const CLIENTS = 4;
const FILES = 5;

Deno.test("50 kills at random moments, while 4 clients and 5 files are written, count every line once", async () => {
  await using accident = await createAccident(["--state-snapshot-interval", "100ms"]);
  let isOver = false;
  let written = 0;

  async function writeFiles(): Promise<void> {
    for (let round = 0; !isOver; round++) {
      for (let number = 0; number < FILES; number++) {
        const text = checkpointLines(20);
        const cut = (round * 31 + number) % text.length;
        append(`${accident.home}/.prodigy/events/app/job-${number}/events.jsonl`, text.slice(0, cut));
        append(`${accident.home}/.prodigy/events/app/job-${number}/events.jsonl`, text.slice(cut));
        written += 20;
      }
      await pause();
    }
  }
  const clients = Array.from({ length: CLIENTS }, () => new AckClient(accident.program.socketPath));
  async function sendLines(client: AckClient): Promise<void> {
    for (let version = 0; !isOver; version++) {
      const line = (): string =>
        eventLine({ event_type: "checkpoint_created", job_id: "job-1", version, agents_completed: 1 });
      await client.send(Array.from({ length: 50 }, line));
    }
  }
  const writing = Promise.all([writeFiles(), ...clients.map(sendLines)]);

  let lastSeen = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    // A random moment after it has started to read: as soon as it says it started, or after some more lines.
    const target = lastSeen + Math.floor(Math.random() * 400);
    if (kill % 2 === 0) {
      lastSeen = await until("more lines are counted", async () => {
        const count = await accident.program.value("prodigy_checkpoints_created_total") ?? 0;
        assert.ok(count >= lastSeen, `a counter fell from ${lastSeen} to ${count}`);
        return count > target ? count : null;
      });
    }
    await accident.stop("SIGKILL");
    await accident.start();
  }
  isOver = true;
  await writing;
  const acknowledged = clients.reduce((sum, client) => sum + client.acknowledged, 0);
  assert.ok(acknowledged > 0 && written > 0);
  await accident.assertTotal(written + acknowledged);
});

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
