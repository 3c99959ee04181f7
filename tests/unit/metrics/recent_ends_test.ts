import assert from "node:assert/strict";
import { type RecentEnd, RecentEnds } from "../../../lib/metrics/work/recent_ends.ts";

function end(id: string, endedAtSeconds: number): RecentEnd {
  return { kind: "job", id, name: id, outcome: "completed", endedAtSeconds, durationSeconds: null };
}

function ids(ends: RecentEnds): string {
  return ends.all.map(({ id }) => id).join(" ");
}

Deno.test("RecentEnds has the newest first, in whatever order they come", () => {
  const ends = new RecentEnds();
  for (const [id, at] of [["b", 2], ["d", 4], ["a", 1], ["c", 3]] as const) ends.add(end(id, at));
  assert.equal(ids(ends), "d c b a");
});

Deno.test("RecentEnds shows a run that ended again once, by its last end", () => {
  const ends = new RecentEnds();
  for (const [id, at] of [["a", 1], ["b", 2], ["a", 3], ["a", 1]] as const) ends.add(end(id, at));
  assert.equal(ids(ends), "a b");
  ends.add({ ...end("a", 4), kind: "workflow" });
  assert.equal(ends.all.length, 3);
});

Deno.test("RecentEnds keeps the last twenty", () => {
  const ends = new RecentEnds();
  for (let at = 0; at < 100; at++) ends.add(end(`${at}`, at));
  ends.add(end("old", 5));
  assert.equal(ends.all.length, 20);
  assert.deepEqual([ends.all[0]?.id, ends.all[19]?.id], ["99", "80"]);
});
