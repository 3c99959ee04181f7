import assert from "node:assert/strict";
import { twinIds } from "../../../lib/metrics/work/job_twins.ts";

const CASES: readonly (readonly [jobId: string, twins: readonly string[]])[] = [
  ["mapreduce-20261124_000454", ["mapreduce-20261124_000453", "mapreduce-20261124_000455"]],
  ["mapreduce-20261231_235959", ["mapreduce-20261231_235958", "mapreduce-20270101_000000"]],
  ["mapreduce-20280229_000000", ["mapreduce-20280228_235959", "mapreduce-20280229_000001"]],
  ["mapreduce-1795478898499", []],
  ["3f2504e0-4f89-11d3-9a0c-0305e82c3301", []],
  ["", []],
];
for (const [jobId, twins] of CASES) {
  Deno.test(`twinIds() of "${jobId}"`, () => assert.deepEqual(twinIds(jobId), twins));
}
