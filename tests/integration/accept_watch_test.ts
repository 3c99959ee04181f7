import assert from "node:assert/strict";
import { createServer } from "node:net";
import { startAcceptWatch } from "../../lib/server/accept_watch.ts";

Deno.test("the watch for accepted connections ends with the look it is in, and says nothing of it", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  let stuck = 0;
  // A server that hears of no connection, as one that is stuck.
  const watch = startAcceptWatch(createServer(), {
    hostname: "127.0.0.1",
    port,
    lookIntervalMs: 10,
    onStuck: () => stuck++,
  });
  using looked = await listener.accept();
  await watch[Symbol.asyncDispose]();
  assert.equal(await looked.read(new Uint8Array(1)), null, "its connection is closed");
  assert.equal(stuck, 0);
});
