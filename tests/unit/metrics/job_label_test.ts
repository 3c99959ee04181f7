import assert from "node:assert/strict";
import { freeJobLabel, jobLabel, type JobLabelMode } from "../../../lib/metrics/work/job_label.ts";

const CASES: readonly (readonly [JobLabelMode, string, string])[] = [
  ["auto", "mapreduce-20261124_090000", "20261124_090000"],
  ["auto", "20261124_090000", "20261124_090000"],
  ["auto", "550e8400-e29b-41d4-a716-446655440000", "550e8400"],
  ["auto", "job-550e8400-e29b-41d4-a716-446655440000", "550e8400"],
  ["auto", "session-adefebb4-8669-424e-b550-b34af108458f", "adefebb4"],
  ["auto", "mapreduce-1795478898499", "17954788"],
  ["auto", "my-nightly-job", "my-night"],
  ["auto", "mapreduce-", "mapreduc"],
  ["prefix", "mapreduce-20261124_090000", "20261124"],
  ["suffix", "mapreduce-20261124_090000", "4_090000"],
  ["full", "mapreduce-20261124_090000", "mapreduce-20261124_090000"],
];
for (const [mode, jobId, label] of CASES) {
  Deno.test(`jobLabel() in mode ${mode} makes ${label} of ${jobId}`, () => {
    assert.equal(jobLabel(jobId, mode, 8), label);
  });
}

Deno.test("jobLabel() in mode hash tells jobs of one day apart in 8 characters", () => {
  const labels = ["mapreduce-20261124_090000", "mapreduce-20261124_090001"].map((id) => jobLabel(id, "hash", 8));
  assert.match(labels[0] ?? "", /^[0-9a-f]{8}$/);
  assert.notEqual(labels[0], labels[1]);
});

Deno.test("freeJobLabel() gives the second holder of a label a suffix that depends on its key only", () => {
  assert.equal(freeJobLabel("a", "s1/a", () => false), "a");
  const taken = (label: string): boolean => label === "a";
  const suffixed = freeJobLabel("a", "s2/a", taken);
  assert.match(suffixed, /^a-[0-9a-f]{4}$/);
  assert.equal(freeJobLabel("a", "s2/a", taken), suffixed);
  assert.notEqual(freeJobLabel("a", "s3/a", taken), suffixed);
});
