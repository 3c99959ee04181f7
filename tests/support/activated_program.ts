/** A program that is started with a listening socket as descriptor 3, with its state in the folder it is given. */
import { openActivatedListener, parseActivation } from "../../lib/source/activated_listener.ts";
import { Journal } from "../../lib/source/journal.ts";
import { UnixSocket } from "../../lib/source/unix_socket.ts";

const fd = parseActivation(
  { listenPid: Deno.env.get("LISTEN_PID"), listenFds: Deno.env.get("LISTEN_FDS") },
  Deno.pid,
);
if (fd === null) throw new Error("No socket was passed");
const opened = await openActivatedListener(fd);
if (opened.kind === "refused") throw new Error(opened.problem);
const [folder = "."] = Deno.args;
const source = new UnixSocket({
  journal: new Journal(folder, { maxBytes: 1e9, nowMs: Date.now }),
  lineMaxBytes: 1e6,
  maxConnections: 10,
  idleTimeoutMs: 1e6,
  nowMs: Date.now,
  onData: () => {},
});
source.listen(opened.listener);
await Deno.stdout.write(new TextEncoder().encode("listening\n"));
