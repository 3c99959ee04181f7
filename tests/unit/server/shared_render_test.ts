import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { type Rendering, SharedRender, type SharedRendering } from "../../../lib/server/shared_render.ts";

function counted(): { readonly ask: () => Promise<SharedRendering>; readonly renderings: () => number } {
  const shared = new SharedRender();
  let renderings = 0;
  const render = (): Promise<Rendering> => {
    const number = ++renderings;
    return Promise.resolve({ pieces: [`rendering ${number}\n`], number });
  };
  return { ask: () => shared.render("text person", render), renderings: () => renderings };
}

Deno.test("SharedRender renders at once for one who asks alone", async () => {
  const { ask, renderings } = counted();
  const asked = ask();
  assert.equal(renderings(), 1);
  assert.equal((await asked).number, 1);
});

Deno.test("SharedRender waits for more where some asked together before, as long as each turn brings more", async () => {
  const { ask, renderings } = counted();
  await Promise.all([ask(), ask()]);
  const before = renderings();
  const asked = [ask()];
  for (let turn = 0; turn < 10; turn++) {
    await setImmediate();
    asked.push(ask());
  }
  assert.deepEqual(new Set((await Promise.all(asked)).map(({ number }) => number)), new Set([before + 1]));
});
