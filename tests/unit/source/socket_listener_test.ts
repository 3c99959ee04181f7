import assert from "node:assert/strict";
import { parseGroupId } from "../../../lib/source/socket_listener.ts";

Deno.test("parseGroupId() finds a group by its whole name", () => {
  const file = "root:x:0:\nstaff:x:50:ann,bob\nprometheus:x:118:\n";
  assert.deepEqual(["staff", "prom", "prometheus", "root"].map((name) => parseGroupId(file, name)), [
    50,
    undefined,
    118,
    0,
  ]);
});
