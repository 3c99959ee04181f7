const PROMETHEUS_PORT = 9090;

/** The error of listening, with what to do about it. */
export function listenError(hostname: string, port: number, cause: unknown): Error {
  if (!isInUse(cause)) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new Error(`Cannot serve on ${hostname}:${port}: ${reason}`, { cause });
  }
  const whose = port === PROMETHEUS_PORT ? " (9090 is also the default port of Prometheus itself)" : "";
  const message = `Cannot serve on ${hostname}:${port} as the port is in use${whose}: ` +
    "set another one with --metrics-port, PRODIGY_METRICS_PORT or port under [metrics] in the configuration";
  return new Deno.errors.AddrInUse(message, { cause });
}

function isInUse(cause: unknown): boolean {
  if (cause instanceof Deno.errors.AddrInUse) return true;
  return cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
}
