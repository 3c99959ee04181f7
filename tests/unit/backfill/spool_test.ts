import assert from "node:assert/strict";
import { Spool } from "../../../lib/backfill/spool.ts";
import { agentStarted, record } from "../../support/event_records.ts";
import { createScratch } from "../../support/scratch.ts";

Deno.test("Spool gives each window's records in order of time, and of adding within a moment", () => {
  using scratch = createScratch();
  using spool = new Spool(`${scratch.path}/spool`, (at) => Math.floor(at / 10));
  const added = [25, 3, 21, 21.5, 21, 9].map((atSeconds, index) => ({
    atSeconds,
    record: record(agentStarted("job", `agent_${index}`), { timestamp: "2026-11-24T00:00:00Z", runId: 'a "b"\n' }),
  }));
  for (const [index, timed] of added.entries()) {
    spool.add(timed);
    if (index === 3) spool.flush();
  }
  assert.deepEqual(spool.windows(), [0, 2]);
  assert.deepEqual(spool.read(0), [added[1], added[5]]);
  assert.deepEqual(spool.read(2), [added[2], added[4], added[3], added[0]]);
  assert.deepEqual(spool.read(1), []);
});

Deno.test("Spool leaves nothing behind, and lets nobody else read what it holds", () => {
  using scratch = createScratch();
  const path = `${scratch.path}/spool`;
  {
    using spool = new Spool(path, () => 0);
    spool.add({ atSeconds: 1, record: record(agentStarted("job", "agent")) });
    spool.flush();
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o700);
    assert.equal((Deno.statSync(`${path}/0.jsonl`).mode ?? 0) & 0o777, 0o600);
  }
  assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
});
