import assert from "node:assert/strict";
import { hashSync } from "bcryptjs";
import { protect } from "../../../lib/server/basic_auth.ts";
import { PasswordVerifier } from "../../../lib/server/password_verifier.ts";

/** The cheapest there is. */
const COST = 4;
const SECRET = new Uint8Array(32);

const users = new Map([
  ["alice", hashSync("open sesame", COST)],
  ["zoë", hashSync("pass:wörd", COST)],
]);

function basic(text: string): string {
  return `Basic ${new TextEncoder().encode(text).toBase64()}`;
}

Deno.test("protect() lets in who knows the password, and nobody else", async () => {
  const handler = protect(() => Promise.resolve(new Response("inside")), {
    current: () => ({ users, headers: new Map() }),
    verifier: new PasswordVerifier({ secret: SECRET }),
    excludedPaths: ["/health"],
  });
  const cases: readonly (readonly [authorization: string | null, status: number])[] = [
    [basic("alice:open sesame"), 200],
    [basic("alice:open sesame").replace("Basic", "bAsIc "), 200],
    [basic("zoë:pass:wörd"), 200],
    [null, 401],
    ["", 401],
    ["Basic", 401],
    ["Basic !!!", 401],
    ["Basic ////", 401],
    ["Bearer token", 401],
    [basic("alice"), 401],
    [basic("alice:"), 401],
    [basic("alice:open"), 401],
    [basic("alice:open sesame "), 401],
    [basic("Alice:open sesame"), 401],
    [basic("mallory:open sesame"), 401],
    [basic("__proto__:x"), 401],
    [basic(`alice:${"x".repeat(10_000)}`), 401],
  ];
  for (const [authorization, status] of cases) {
    const headers: HeadersInit = authorization === null ? {} : { authorization };
    const response = await handler(new Request("http://x/metrics", { headers }), null);
    assert.equal(response.status, status, String(authorization));
    assert.equal(response.headers.has("www-authenticate"), status === 401);
  }
  assert.equal((await handler(new Request("http://x/health/"), null)).status, 200);
  assert.equal((await handler(new Request("http://x/health/x"), null)).status, 401);
  assert.equal((await handler(new Request("http://x/nowhere"), null)).status, 401);
});

Deno.test("protect() asks nobody when there are no users, and adds the configured headers to everything", async () => {
  const headers = new Map([["X-Frame-Options", "deny"]]);
  for (const known of [new Map<string, string>(), users]) {
    const handler = protect(() => Promise.resolve(new Response("inside", { headers: { "x-frame-options": "x" } })), {
      current: () => ({ users: known, headers }),
      verifier: new PasswordVerifier({ secret: SECRET }),
      excludedPaths: [],
    });
    const response = await handler(new Request("http://x/metrics"), null);
    assert.equal(response.status, known.size === 0 ? 200 : 401);
    assert.equal(response.headers.get("x-frame-options"), "deny");
  }
});

Deno.test("PasswordVerifier.verify() pays for bcrypt once per password that is right", async () => {
  const costly = new Map([["alice", hashSync("open sesame", 10)]]);
  const verifier = new PasswordVerifier({ secret: SECRET });
  const startedMs = performance.now();
  assert.equal(await verifier.verify("alice", "open sesame", costly), "right");
  const firstMs = performance.now() - startedMs;
  const againMs = performance.now();
  for (let index = 0; index < 100; index++) {
    assert.equal(await verifier.verify("alice", "open sesame", costly), "right");
  }
  assert.ok(performance.now() - againMs < firstMs, "a hundred remembered ones cost more than the first");
});

Deno.test("PasswordVerifier.verify() forgets when the hash or the user changes", async () => {
  const verifier = new PasswordVerifier({ secret: SECRET });
  assert.equal(await verifier.verify("alice", "open sesame", users), "right");
  assert.equal(await verifier.verify("alice", "open sesame", new Map([["alice", hashSync("new", COST)]])), "wrong");
  assert.equal(await verifier.verify("alice", "open sesame", new Map([["bob", hashSync("b", COST)]])), "wrong");
});

Deno.test("PasswordVerifier.verify() makes an unknown user cost what a wrong password costs", async () => {
  const costly = new Map([["alice", hashSync("open sesame", 9)]]);
  const verifier = new PasswordVerifier({ secret: SECRET });
  const durationMs = async (user: string): Promise<number> => {
    const startedMs = performance.now();
    for (let index = 0; index < 5; index++) assert.equal(await verifier.verify(user, `${index}`, costly), "wrong");
    return performance.now() - startedMs;
  };
  await durationMs("alice");
  const ratio = await durationMs("mallory") / await durationMs("alice");
  // Without a comparison it would be below 0.01.
  assert.ok(ratio > 0.3, `ratio ${ratio}`);
});

Deno.test("PasswordVerifier.verify() is busy beyond a number of guesses, and shares equal ones", async () => {
  const verifier = new PasswordVerifier({ secret: SECRET });
  const guesses = Array.from({ length: 40 }, (_, index) => verifier.verify("alice", `guess ${index}`, users));
  const equal = Array.from({ length: 40 }, () => verifier.verify("alice", "guess 0", users));
  const verdicts = await Promise.all(guesses);
  assert.ok(verdicts.filter((verdict) => verdict === "busy").length >= 20);
  assert.ok(verdicts.filter((verdict) => verdict === "wrong").length >= 10);
  assert.deepEqual(new Set(await Promise.all(equal)), new Set(["wrong"]));
  assert.equal(await verifier.verify("alice", "open sesame", users), "right");
});
