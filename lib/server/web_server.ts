import { protect } from "./basic_auth.ts";
import { startNodeServer } from "./node_server.ts";
import { PasswordVerifier } from "./password_verifier.ts";
import type { Handler } from "./routes.ts";
import { type RunningServer, type ServerOptions, startServer } from "./server.ts";
import type { LoadedWebConfig, WatchedWebConfig } from "./web_config/watched_web_config.ts";

export interface WebServerOptions extends ServerOptions {
  /** `null`: neither TLS nor passwords. */
  readonly webConfig: WatchedWebConfig | null;
  /** Told after changed files of the web configuration came into force. */
  readonly onWebConfigReloaded?: () => void;
  /** Paths for which no password is asked; read anew for every request. */
  readonly authExcludedPaths: readonly string[];
  /** Random bytes, new for every process. */
  readonly secret: Uint8Array;
  /** Changes of the files take effect within this time. */
  readonly lookIntervalMs?: number;
}

const DEFAULT_LOOK_INTERVAL_MS = 5000;
const WILDCARDS: readonly string[] = ["0.0.0.0", "::", "[::]"];
const NO_PROTECTION = { users: new Map<string, string>(), headers: new Map<string, string>() };

export interface WebServer extends RunningServer {
  /** Looks now whether files of the web configuration have changed. */
  lookAtWebConfig(): void;
}

/**
 * Serves as the web configuration says, and follows its changes: users, headers and certificates at once; TLS
 * itself, the TLS version and whether clients need a certificate at the next start. With a web configuration, be it an
 * empty one, slow and idle clients are hung up on.
 * @throws {Error} when the address cannot be listened on, or the certificates cannot be used.
 */
export async function startWebServer(options: WebServerOptions, handler: Handler): Promise<WebServer> {
  const { webConfig, log, hostname, lookIntervalMs = DEFAULT_LOOK_INTERVAL_MS } = options;
  if (WILDCARDS.includes(hostname) && isOpen(webConfig?.current ?? null)) {
    log.warn("metrics_open_to_all", { hostname, advice: "bind to 127.0.0.1, or set a web configuration" });
  }
  const verifier = new PasswordVerifier({ secret: options.secret });
  const guarded = protect(handler, {
    current: () => webConfig?.current ?? NO_PROTECTION,
    verifier,
    get excludedPaths() {
      return options.authExcludedPaths;
    },
  });
  if (webConfig === null) return { ...startServer(options, guarded), lookAtWebConfig: () => {} };
  const started = webConfig.current.tls;
  const server = await startNodeServer({ ...options, lookIntervalMs }, guarded, started);

  function look(config: WatchedWebConfig): void {
    if (!config.look()) {
      if (config.problem !== null) log.warn("web_config_not_reloaded", { problem: config.problem });
      return;
    }
    const { tls } = config.current;
    log.info("web_config_reloaded");
    if (shapeOf(tls) !== shapeOf(started)) log.warn("web_config_needs_restart", { reason: "TLS settings changed" });
    if (tls !== null) server.renew(tls);
    options.onWebConfigReloaded?.();
  }

  const timer = setInterval(() => look(webConfig), lookIntervalMs);
  return {
    addr: server.addr,
    finished: server.finished,
    lookAtWebConfig: () => look(webConfig),
    drain: async (timeoutMs) => {
      clearInterval(timer);
      await server.drain(timeoutMs);
    },
  };
}

function isOpen(config: LoadedWebConfig | null): boolean {
  return config === null ||
    (config.users.size === 0 && config.tls?.clientAuthType !== "RequireAndVerifyClientCert");
}

/** What of TLS cannot change while the server runs. */
function shapeOf(tls: LoadedWebConfig["tls"]): string {
  return tls === null ? "none" : `${tls.clientAuthType} ${tls.minVersion} ${tls.maxVersion}`;
}
