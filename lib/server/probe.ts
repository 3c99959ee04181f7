export interface ProbeOptions {
  /** The exporter's address, such as `http://127.0.0.1:9090`; may hold a user and password. */
  readonly url: string;
  /** The name to address it by where that of the URL may not be served; `null`: that of the URL. */
  readonly host: string | null;
  /** `user:password`, before those in the URL. */
  readonly credentials: string | null;
  /** Asks whether the exporter is ready instead of whether it is well. */
  readonly ready: boolean;
  readonly timeoutMs: number;
  /** PEM of the authority that signed the server's certificate, when the system does not know it. */
  readonly ca: string | null;
  /** The client's own certificate and its key, PEM. */
  readonly identity: { readonly cert: string; readonly key: string } | null;
}

export interface ProbeResult {
  readonly exitCode: 0 | 1;
  /** One line for a person. */
  readonly reason: string;
}

/** Health is a few lines; whatever else answers is not read on. */
const REASON_MAX_CHARACTERS = 500;

/** Asks a running exporter how it is, for health checks of containers and service managers. It never throws. */
export async function runProbe(options: ProbeOptions): Promise<ProbeResult> {
  // Not shown: there may be a password in it.
  if (!/^https?:/.test(options.url) || !URL.canParse(options.url)) {
    return failed("the URL must be one of http or https");
  }
  const url = new URL(options.ready ? "/-/ready" : "/health", options.url);
  const credentials = options.credentials ?? decodeCredentials(url);
  url.username = "";
  url.password = "";
  try {
    using client = Deno.createHttpClient({
      caCerts: options.ca === null ? [] : [options.ca],
      ...options.identity,
      poolMaxIdlePerHost: 0,
      allowHost: true,
    });
    const signal = AbortSignal.timeout(options.timeoutMs);
    const headers = headersOf(credentials, options.host);
    const response = await fetch(url, { client, signal, headers, redirect: "manual" });
    const text = printable(await response.text());
    return response.ok ? { exitCode: 0, reason: text } : failed(`${url.href} answers ${response.status}: ${text}`);
  } catch (error) {
    return failed(`${url.href}: ${describe(error, options.timeoutMs)}`);
  }
}

function failed(reason: string): ProbeResult {
  return { exitCode: 1, reason };
}

/** A fetch takes no URL with a password in it. */
function decodeCredentials({ username, password }: URL): string | null {
  if (username === "" && password === "") return null;
  return `${decode(username)}:${decode(password)}`;
}

/** What is no encoding stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function headersOf(credentials: string | null, host: string | null): HeadersInit {
  const basic = (text: string): string => `Basic ${new TextEncoder().encode(text).toBase64()}`;
  return {
    ...credentials === null ? {} : { authorization: basic(credentials) },
    ...host === null ? {} : { host },
  };
}

function describe(error: unknown, timeoutMs: number): string {
  if (error instanceof DOMException && error.name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  // What really happened is in the cause: fetch itself says only that it failed.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return printable(cause instanceof Error ? cause.message : String(cause));
}

/** One line without control characters: it comes from whoever listens there. */
function printable(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, "; ").replace(/\p{Cc}/gu, "?");
  return line.length > REASON_MAX_CHARACTERS ? `${line.slice(0, REASON_MAX_CHARACTERS)}…` : line;
}
