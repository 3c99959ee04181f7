/**
 * An HTTP server as the exporter runs it, with small metrics and, if one is named, a web configuration; says its port
 * on stdout, its log on stderr.
 */
import { startWebServer } from "../../lib/server/web_server.ts";
import { WatchedWebConfig } from "../../lib/server/web_config/watched_web_config.ts";
import { createLog } from "../../lib/telemetry/log.ts";
import { createTestHandler } from "./handler.ts";

const encoder = new TextEncoder();
const log = createLog({
  level: () => "info",
  format: "json",
  isTerminal: false,
  write: (line) => Deno.stderr.writeSync(encoder.encode(`${line}\n`)),
  now: () => new Date(),
});
const text = "# HELP x A gauge.\n# TYPE x gauge\nx 1\n".repeat(500);
const handler = createTestHandler({ log, render: () => Promise.resolve({ text, number: 1 }) });
const [webConfig] = Deno.args;
const server = await startWebServer({
  hostname: "127.0.0.1",
  port: 0,
  log,
  webConfig: webConfig === undefined ? null : new WatchedWebConfig(webConfig),
  authExcludedPaths: [],
  secret: crypto.getRandomValues(new Uint8Array(32)),
  lookIntervalMs: 200,
}, handler);
Deno.stdout.writeSync(encoder.encode(`${server.addr.port}\n`));
await server.finished;
