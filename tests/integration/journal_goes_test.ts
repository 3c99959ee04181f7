import assert from "node:assert/strict";
import { AckClient } from "../support/ack_client.ts";
import { eventLine } from "../support/event_lines.ts";
import { startProgram } from "../support/program.ts";
import { createScratch } from "../support/scratch.ts";

/** So many that a snapshot is due, and written, while they are replayed. */
const LINES = 60_000;

Deno.test("a journal that is replayed goes, though snapshots were written meanwhile and nothing else comes", async () => {
  using scratch = createScratch();
  const home = scratch.path;
  await using first = await startProgram({ home, args: ["--state-snapshot-interval", "1h"] });
  const client = new AckClient(first.socketPath);
  await client.send(
    Array.from(
      { length: LINES },
      (_, version) => eventLine({ event_type: "checkpoint_created", job_id: "job-1", version, agents_completed: 1 }),
    ),
  );
  assert.equal(client.acknowledged, LINES);
  first.kill("SIGKILL");
  await first.exited;
  await using second = await startProgram({ home, args: ["--state-snapshot-interval", "20ms"] });
  // Full, it would not be read from any more, and nothing would come that a snapshot is written for.
  await second.untilValue("prodigy_exporter_journal_bytes", 0);
  assert.equal(await second.value("prodigy_checkpoints_created_total"), LINES);
});
