import assert from "node:assert/strict";
import { Journal } from "../../../lib/source/journal.ts";
import { parseJournalPosition, parseSegmentName } from "../../../lib/source/journal_position.ts";
import { TempFolder } from "../../support/socket_rig.ts";

Deno.test("Journal replays what an earlier process appended, in order", () => {
  using folder = new TempFolder();
  append(folder, ["a", "b"]);
  append(folder, ["c"]);
  assert.deepEqual(replayed(folder), ["a", "b", "c"]);
});

Deno.test("Journal replays from a position, and removes the segments before it", () => {
  using folder = new TempFolder();
  append(folder, ["a"]);
  append(folder, ["b", "c"]);
  const journal = open(folder);
  journal.resumeAt({ segment: 2, offset: 2 });
  assert.equal(journal.replayBytes, 2);
  assert.deepEqual(linesOf(journal), ["c"]);
  assert.equal(journal.replayBytes, 0);
  assert.deepEqual(segments(folder), ["journal-2.jsonl"]);
});

Deno.test("Journal cuts off a torn last line and never appends to it", () => {
  using folder = new TempFolder();
  append(folder, ["a"]);
  Deno.writeTextFileSync(folder.file("journal-1.jsonl"), '{"event_ty', { append: true });
  append(folder, ["b"]);
  assert.deepEqual(replayed(folder), ["a", "b"]);
});

Deno.test("Journal goes on with a replay that was stopped", () => {
  using folder = new TempFolder();
  // Two blocks of 256 KiB, and some.
  const lines = Array.from({ length: 6_000 }, (_, index) => `${index}`.padEnd(99, "."));
  append(folder, lines);
  const journal = open(folder);
  const found: string[] = [];
  for (const block of journal.replay()) {
    found.push(...textOf(block.lines));
    assert.deepEqual(block.end, journal.replayPosition);
    break;
  }
  assert.ok(found.length > 0 && found.length < lines.length);
  // Another process goes on from the position that was saved in between.
  const later = open(folder);
  later.resumeAt(journal.replayPosition);
  assert.deepEqual([...found, ...linesOf(later)], lines);
});

Deno.test("Journal replays a line longer than what it reads at once", () => {
  using folder = new TempFolder();
  const long = "x".repeat(1_000_000);
  append(folder, ["a", long, "b"]);
  assert.deepEqual(replayed(folder), ["a", long, "b"]);
});

Deno.test("Journal.rotate() begins a segment only when there is something to leave behind", () => {
  using folder = new TempFolder();
  using closing = new DisposableStack();
  const journal = closing.adopt(open(folder), (opened) => opened.close());
  journal.rotate();
  journal.append(bytes("a\n"));
  journal.rotate();
  journal.rotate();
  assert.deepEqual(journal.end, { segment: 2, offset: 0 });
  journal.append(bytes("b\n"));
  assert.deepEqual(segments(folder), ["journal-1.jsonl", "journal-2.jsonl"]);
});

Deno.test("Journal.rotate() stops while snapshots keep failing, so that segments do not pile up", () => {
  using folder = new TempFolder();
  using closing = new DisposableStack();
  const journal = closing.adopt(open(folder), (opened) => opened.close());
  for (let round = 0; round < 100; round += 1) {
    journal.append(bytes(`${round}\n`));
    journal.rotate();
  }
  assert.equal(segments(folder).length, 16);
  journal.drop(journal.end);
  assert.deepEqual(segments(folder), ["journal-16.jsonl"]);
});

Deno.test("Journal is full at its bound until a snapshot drops something", () => {
  using folder = new TempFolder();
  using closing = new DisposableStack();
  const journal = closing.adopt(open(folder, { maxBytes: 10 }), (opened) => opened.close());
  journal.append(bytes("1234\n"));
  assert.deepEqual([journal.isFull, journal.wantsSnapshot], [false, true]);
  journal.append(bytes("1234\n"));
  assert.equal(journal.isFull, true);
  assert.match(journal.problem ?? "", /full/);
  journal.rotate();
  journal.drop(journal.end);
  assert.deepEqual([journal.isFull, journal.wantsSnapshot, journal.sizeBytes], [false, false, 0]);
  assert.equal(journal.problem, null);
});

Deno.test("Journal.snapshotFailed() at the bound goes on without the journal until a snapshot succeeds", () => {
  using folder = new TempFolder();
  using closing = new DisposableStack();
  const journal = closing.adopt(open(folder, { maxBytes: 4 }), (opened) => opened.close());
  journal.append(bytes("1234\n"));
  journal.snapshotFailed();
  assert.equal(journal.isFull, false);
  assert.equal(journal.append(bytes("a\n")).durable, false);
  assert.match(journal.problem ?? "", /no snapshot can be written/);
  journal.rotate();
  journal.drop(journal.end);
  assert.equal(journal.append(bytes("b\n")).durable, false, "the disk is left alone for some seconds");
});

Deno.test("Journal.append() to a disk that refuses goes on without, and comes back", () => {
  using folder = new TempFolder();
  using closing = new DisposableStack();
  let nowMs = 0;
  Deno.mkdirSync(folder.file("state"));
  const journal = closing.adopt(
    new Journal(folder.file("state"), { maxBytes: 1000, nowMs: () => nowMs }),
    (opened) => opened.close(),
  );
  Deno.removeSync(folder.file("state"));
  const refused = journal.append(bytes("a\n"));
  assert.equal(refused.durable, false);
  assert.match(journal.problem ?? "", /Cannot write the socket journal/);
  Deno.mkdirSync(folder.file("state"));
  assert.equal(journal.append(bytes("b\n")).durable, false);
  nowMs += 5_000;
  const taken = journal.append(bytes("c\n"));
  assert.equal(taken.durable, true);
  assert.ok(taken.end.segment >= refused.end.segment && taken.end.offset === 2);
  assert.equal(journal.problem, null);
});

Deno.test("Journal leaves a segment behind of which the disk took only a part", async () => {
  using folder = new TempFolder();
  // The shell's limit on file sizes, in units of 1 KiB, makes a real write stop in the middle of a line.
  const module = new URL("../../../lib/source/journal.ts", import.meta.url).href;
  const program = `
    const { Journal } = await import(${JSON.stringify(module)});
    const journal = new Journal(${JSON.stringify(folder.path)}, { maxBytes: 1e9, nowMs: () => 0 });
    const block = new TextEncoder().encode(("x".repeat(99) + "\\n").repeat(15));
    console.log(JSON.stringify([journal.append([block]), journal.append([block]), journal.problem !== null]));`;
  const { stdout } = await new Deno.Command("bash", {
    args: ["-c", `trap '' XFSZ; ulimit -f 2; exec "$0" eval "$1"`, Deno.execPath(), program],
    env: { DENO_DIR: folder.file("cache"), NO_COLOR: "1" },
    stderr: "inherit",
  }).output();
  assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), [
    { durable: true, end: { segment: 1, offset: 1500 } },
    { durable: false, end: { segment: 2, offset: 0 } },
    true,
  ]);
  assert.equal((await Deno.stat(folder.file("journal-1.jsonl"))).size, 2048);
  // After a crash the 20 whole lines count, and the torn one does not.
  assert.equal(replayed(folder).length, 20);
  // After a snapshot that holds all 30, nothing of it is read again.
  const journal = open(folder);
  journal.resumeAt({ segment: 2, offset: 0 });
  assert.deepEqual(linesOf(journal), []);
});

Deno.test("Journal gives up a segment it cannot read, keeps its file and says so", () => {
  using folder = new TempFolder();
  append(folder, ["a"]);
  append(folder, ["b"]);
  const journal = open(folder);
  Deno.removeSync(folder.file("journal-1.jsonl"));
  assert.deepEqual(linesOf(journal), ["b"]);
  assert.match(journal.problem ?? "", /Cannot replay .*journal-1.jsonl/);
});

Deno.test("Journal never uses a segment number again that a snapshot knows", () => {
  using folder = new TempFolder();
  using closing = new DisposableStack();
  const journal = closing.adopt(open(folder), (opened) => opened.close());
  journal.resumeAt({ segment: 41, offset: 7 });
  assert.deepEqual(linesOf(journal), []);
  assert.deepEqual(journal.append(bytes("a\n")).end, { segment: 42, offset: 2 });
});

for (const value of [null, undefined, 7, {}, { segment: 1 }, { segment: -1, offset: 0 }, { segment: 1, offset: "0" }]) {
  Deno.test(`parseJournalPosition() refuses ${JSON.stringify(value)}`, () => {
    assert.throws(() => parseJournalPosition(value), TypeError);
  });
}

Deno.test("parseSegmentName() knows segments from other files", () => {
  const names = ["journal-12.jsonl", "journal-.jsonl", "journal-1.jsonl.bak", "snapshot", "journal--1.jsonl"];
  assert.deepEqual(names.map(parseSegmentName), [12, null, null, null, null]);
});

function open(folder: TempFolder, { maxBytes = 1e9 } = {}): Journal {
  return new Journal(folder.path, { maxBytes, nowMs: () => 0 });
}

/** What a process does that appends and is then killed. */
function append(folder: TempFolder, lines: readonly string[]): void {
  const journal = open(folder);
  assert.equal(journal.append(bytes(lines.map((line) => `${line}\n`).join(""))).durable, true);
  journal.close();
}

function replayed(folder: TempFolder): readonly string[] {
  return linesOf(open(folder));
}

function linesOf(journal: Journal): readonly string[] {
  return [...journal.replay()].flatMap((block) => textOf(block.lines));
}

function textOf(lines: Uint8Array): readonly string[] {
  return new TextDecoder().decode(lines).split("\n").slice(0, -1);
}

/** What a connection hands over: blocks of bytes. */
function bytes(text: string): readonly Uint8Array[] {
  const whole = new TextEncoder().encode(text);
  return [whole.subarray(0, 2), whole.subarray(2)];
}

function segments(folder: TempFolder): readonly string[] {
  return [...Deno.readDirSync(folder.path)].map((entry) => entry.name).toSorted();
}
