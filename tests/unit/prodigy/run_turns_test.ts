import assert from "node:assert/strict";
import { RunTurns } from "../../../lib/prodigy/run_turns.ts";

const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `r${index}`);

/** One look, after which the runs of `restless` are so. */
function look(
  turns: RunTurns,
  options: { readonly restless?: readonly string[]; readonly heavy?: boolean } = {},
): readonly string[] {
  const seen: string[] = [];
  for (const id of turns.due(() => options.heavy === true)) {
    seen.push(id);
    turns.noted(id, options.restless?.includes(id) === true);
  }
  assert.equal(new Set(seen).size, seen.length, "each once");
  return seen;
}

Deno.test("RunTurns.due() gives all new runs at once, however many there are", () => {
  const turns = new RunTurns();
  turns.setIds(ids(5_000));
  assert.equal(look(turns).length, 5_000);
  turns.setIds([...ids(5_000), "new"]);
  assert.ok(look(turns).includes("new"));
});

Deno.test("RunTurns.due() gives restless runs in each look and has resting ones take turns", () => {
  const turns = new RunTurns();
  turns.setIds(ids(2_000));
  look(turns, { restless: ["r7", "r8"] });
  const seen = new Set<string>();
  for (let round = 0; round < 5; round++) {
    const due = look(turns, { restless: ["r7", "r8"] });
    assert.ok(due.includes("r7") && due.includes("r8"));
    assert.ok(due.length <= 402, `${due.length} runs in one look`);
    for (const id of due) seen.add(id);
  }
  assert.equal(seen.size, 2_000);
});

Deno.test("RunTurns.due() gives fewer runs when looking at them costs more, and all of a few", () => {
  const turns = new RunTurns();
  turns.setIds(ids(2_000));
  look(turns);
  assert.equal(look(turns, { heavy: true }).length, 50);
  const few = new RunTurns();
  few.setIds(ids(50));
  look(few);
  assert.equal(look(few, { heavy: true }).length, 50);
});

Deno.test("RunTurns.due() has very many restless runs take turns, too", () => {
  const turns = new RunTurns();
  turns.setIds(ids(300));
  const all = ids(300);
  look(turns, { restless: all });
  const seen = new Set([1, 2, 3].flatMap(() => look(turns, { restless: all })));
  assert.equal(seen.size, 300);
});

Deno.test("RunTurns.due() forgets runs that are gone", () => {
  const turns = new RunTurns();
  turns.setIds(["a", "b", "c"]);
  look(turns, { restless: ["a", "b"] });
  turns.setIds(["b"]);
  assert.deepEqual(look(turns, { restless: ["b"] }), ["b"]);
  turns.setIds([]);
  assert.deepEqual(look(turns), []);
});
