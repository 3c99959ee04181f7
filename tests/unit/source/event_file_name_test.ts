import assert from "node:assert/strict";
import {
  compareEventPaths,
  isEventFileName,
  isRotatedName,
  repositoryOfPath,
  rotationStem,
  runIdOfPath,
} from "../../../lib/source/event_file_name.ts";

const NAMES: readonly {
  readonly name: string;
  readonly isEventFile: boolean;
  readonly isRotated: boolean;
  readonly stem: string;
}[] = [
  { name: "events-20261124_090000.jsonl", isEventFile: true, isRotated: false, stem: "events-20261124_090000" },
  {
    name: "events-20261124_090000.20261124_090100.jsonl.gz",
    isEventFile: true,
    isRotated: true,
    stem: "events-20261124_090000",
  },
  { name: "a.jsonl.gz", isEventFile: true, isRotated: true, stem: "a" },
  { name: "a.jsonl.1", isEventFile: true, isRotated: true, stem: "a" },
  { name: "a.jsonl.12.gz", isEventFile: true, isRotated: true, stem: "a" },
  { name: "a.jsonl-20261124", isEventFile: true, isRotated: true, stem: "a" },
  { name: "a.jsonl-20261124.gz", isEventFile: true, isRotated: true, stem: "a" },
  { name: "a.jsonl.bak", isEventFile: false, isRotated: false, stem: "a.jsonl.bak" },
  { name: "a.jsonl.tmp", isEventFile: false, isRotated: false, stem: "a.jsonl.tmp" },
  { name: "index.json", isEventFile: false, isRotated: false, stem: "index.json" },
  { name: ".jsonl", isEventFile: false, isRotated: false, stem: ".jsonl" },
];

for (const { name, ...expected } of NAMES) {
  Deno.test(`isEventFileName(), isRotatedName() and rotationStem() know ${name}`, () => {
    assert.deepEqual(
      { isEventFile: isEventFileName(name), isRotated: isRotatedName(name), stem: rotationStem(name) },
      expected,
    );
  });
}

Deno.test("compareEventPaths() puts the parts of a file in the order they were written", () => {
  const ordered = [
    "/c/z.jsonl",
    "/d/a.jsonl.10.gz",
    "/d/a.jsonl.2",
    "/d/a.jsonl.1",
    "/d/a.jsonl-20261123",
    "/d/a.jsonl-20261124",
    "/d/a.jsonl",
    "/d/e.20261124_000815.jsonl.gz",
    "/d/e.20261124_000816.jsonl.gz",
    "/d/e.jsonl",
  ];
  assert.deepEqual([...ordered].reverse().sort(compareEventPaths), ordered);
});

const SESSION = "session-d413ffc6-38f7-4030-be28-02d6e66a3733";
const RUNS: readonly (readonly [root: "events" | "state", path: string, runId: string | null])[] = [
  ["events", `${SESSION}/mapreduce-20261124_090000/events.jsonl`, SESSION],
  ["events", `demo-app/${SESSION}/events.jsonl`, null],
  ["events", `${SESSION}/events.jsonl`, null],
  ["events", "demo-app/mapreduce-20261124_080000/events.jsonl", null],
  ["events", "events.jsonl", null],
  ["state", `${SESSION}/mapreduce/jobs/mapreduce-1/events/events.jsonl`, SESSION],
  ["state", "workflow-1795478643740/mapreduce/jobs/mapreduce-1/events/events.jsonl", "workflow-1795478643740"],
  ["state", "demo-app/mapreduce/jobs/mapreduce-1/events/events.jsonl", null],
];

for (const [root, path, runId] of RUNS) {
  Deno.test(`runIdOfPath() finds ${runId === null ? "no session" : "the session"} in ${root}/${path}`, () => {
    assert.equal(runIdOfPath(root, path), runId);
  });
}

const REPOSITORIES: readonly (readonly [path: string, repository: string | null])[] = [
  ["demo-app/mapreduce-20261124_080000/events.jsonl", "demo-app"],
  [`demo-app/${SESSION}/events.jsonl`, "demo-app"],
  ["demo-app/mapreduce/jobs/mapreduce-1/events/events.jsonl", "demo-app"],
  [`${SESSION}/mapreduce-20261124_090000/events.jsonl`, null],
  ["workflow-1795478643740/mapreduce/jobs/mapreduce-1/events/events.jsonl", null],
  ["mapreduce-20261124_080000/events.jsonl", null],
  ["demo-app/events.jsonl", null],
  ["events.jsonl", null],
];

for (const [path, repository] of REPOSITORIES) {
  Deno.test(`repositoryOfPath() finds ${repository ?? "none"} in ${path}`, () => {
    assert.equal(repositoryOfPath(path), repository);
  });
}
