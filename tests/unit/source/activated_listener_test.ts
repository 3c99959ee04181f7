import assert from "node:assert/strict";
import { parseActivation } from "../../../lib/source/activated_listener.ts";

for (
  const { name, listenPid, listenFds, fd } of [
    { name: "a socket for this process", listenPid: "7", listenFds: "1", fd: 3 },
    { name: "no variables", listenPid: undefined, listenFds: undefined, fd: null },
    { name: "variables for another process", listenPid: "8", listenFds: "1", fd: null },
    { name: "no sockets", listenPid: "7", listenFds: "0", fd: null },
    { name: "nonsense", listenPid: "7", listenFds: "x", fd: null },
  ]
) {
  Deno.test(`parseActivation() reads ${name}`, () => {
    assert.equal(parseActivation({ listenPid, listenFds }, 7), fd);
  });
}
