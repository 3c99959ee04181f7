import assert from "node:assert/strict";
import { Chain, type Link } from "../../../lib/metrics/work/chain.ts";
import { Random } from "../../../bench/random.ts";

class One implements Link<One> {
  chain: Chain<One> | null = null;
  previous: One | null = null;
  next: One | null = null;
  constructor(readonly name: string) {}
}

function names(chain: Chain<One>): string {
  return [...chain].map(({ name }) => name).join("");
}

Deno.test("Chain does what a Set does, and what is added leaves the chain it was in", () => {
  const random = new Random(7);
  const ones = [new One("a"), new One("b"), new One("c"), new One("d"), new One("e")] as const;
  const chains = [new Chain<One>(), new Chain<One>()] as const;
  const plain = [new Set<One>(), new Set<One>()] as const;
  for (let step = 0; step < 5_000; step++) {
    const one = random.pick(ones);
    const at = random.below(2) === 0 ? 0 : 1;
    if (random.below(3) === 0) assert.equal(chains[at].remove(one), plain[at].delete(one));
    else {
      chains[at].add(one);
      plain[at].add(one);
      plain[1 - at]?.delete(one);
    }
    for (const which of [0, 1] as const) {
      assert.equal(names(chains[which]), [...plain[which]].map(({ name }) => name).join(""));
      assert.equal(chains[which].size, plain[which].size);
      assert.equal(chains[which].first, [...plain[which]][0] ?? null);
    }
  }
});

Deno.test("Chain may lose its members while it is walked through", () => {
  const chain = new Chain<One>();
  for (const name of "abc") chain.add(new One(name));
  let walked = "";
  for (const one of chain) {
    walked += one.name;
    chain.remove(one);
  }
  assert.equal(walked, "abc");
  assert.equal(chain.size, 0);
});

Deno.test("Chain.takeFirst() takes out the one that has been here longest", () => {
  const chain = new Chain<One>();
  for (const name of "ab") chain.add(new One(name));
  assert.deepEqual([chain.takeFirst()?.name, chain.takeFirst()?.name, chain.takeFirst()], ["a", "b", null]);
  assert.equal(chain.size, 0);
});
