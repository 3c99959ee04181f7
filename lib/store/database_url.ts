/** Where a database is and how to get there. The password stays apart, so that the rest may be shown. */
export interface DatabaseAddress {
  /** Host name, address, or directory of a Unix socket; several with ports, separated by commas. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  readonly tls: TlsMode;
  /** Further parameters of the URL, for the server. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** As libpq's sslmode; `verify` checks the certificate and the host's name. */
export type TlsMode = "disable" | "prefer" | "require" | "verify";

const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  disable: "disable",
  allow: "prefer",
  prefer: "prefer",
  require: "require",
  "verify-ca": "verify",
  "verify-full": "verify",
};
/** libpq's own, which the server would not know. */
const CLIENT_PARAMETERS = [
  "host",
  "port",
  "user",
  "password",
  "dbname",
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "channel_binding",
  "connect_timeout",
  "application_name",
];

/** Also what to do about the commonest mistake: a password pasted as it is, of which "/", "#" or "?" end the host. */
export const DATABASE_URL_MUST_BE =
  "a URL that starts with postgresql:// or postgres://, with special characters in the password percent-encoded (/ as %2F)";

/** The address, or how to go on after "it must be "; never with a part of the URL. */
export type ParsedDatabaseUrl = { readonly value: DatabaseAddress } | { readonly mustBe: string };

/**
 * Reads a URL as libpq does, as far as it can be used here.
 *
 * @param hasCa with a certificate authority of its own, certificates are checked unless the URL says otherwise
 */
export function parseDatabaseUrl(url: string, hasCa: boolean): ParsedDatabaseUrl {
  const parsed = /^postgres(ql)?:\/\/\S+$/.test(url) ? URL.parse(url) : null;
  if (parsed === null || isTorn(parsed)) return { mustBe: DATABASE_URL_MUST_BE };
  const query = parsed.searchParams;
  const tls = TLS_MODES[query.get("sslmode") ?? (hasCa ? "verify-full" : "prefer")];
  if (tls === undefined) return { mustBe: `a URL whose sslmode is one of ${Object.keys(TLS_MODES).join(", ")}` };
  const port = Number(parsed.port || query.get("port") || 5432);
  if (!Number.isInteger(port) || port < 1 || port > 65535) return { mustBe: "a URL whose port is from 1 to 65535" };
  const parts = decodeParts(parsed);
  if (parts === null) return { mustBe: DATABASE_URL_MUST_BE };
  const user = parts.user || query.get("user") || "postgres";
  return {
    value: {
      host: query.get("host") ?? (parts.host.replace(/^\[(.*)\]$/, "$1") || "localhost"),
      port,
      database: parts.database || query.get("dbname") || user,
      user,
      password: parts.password || query.get("password"),
      // As libpq: with an authority at hand, "require" means that it must have signed.
      tls: tls === "require" && hasCa ? "verify" : tls,
      parameters: Object.fromEntries([...query].filter(([name]) => !CLIENT_PARAMETERS.includes(name))),
    },
  };
}

/** Whether a password seems to have ended the host: its rest would be taken for a database's name, and logged. */
function isTorn({ username, pathname, searchParams, hash }: URL): boolean {
  const names = [...searchParams.keys()];
  // A value may hold one, as user names of some clouds do; but not before a path, when no user was told before the host.
  const isInValue = username === "" && [...searchParams.values()].some((value) => /@.*\//.test(value));
  return hash !== "" || pathname.includes("@") || names.some((name) => name.includes("@")) || isInValue;
}

/** `null` when one of them is no percent-encoding. */
function decodeParts(
  { username, password, hostname, pathname }: URL,
): { readonly user: string; readonly password: string; readonly host: string; readonly database: string } | null {
  try {
    return {
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      host: decodeURIComponent(hostname),
      database: decodeURIComponent(pathname.slice(1)),
    };
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** Where a server may answer, as `node:net` takes it. */
export type ServerPlace = { readonly path: string } | { readonly host: string; readonly port: number };

/** In the order to try them. */
export function serverPlaces({ host: hosts, port }: DatabaseAddress): readonly ServerPlace[] {
  return hosts.split(",").map((place) => {
    if (place.startsWith("/")) return { path: `${place}/.s.PGSQL.${port}` };
    // An IPv6 address has more than one colon, and brackets when a port follows.
    const [, bracketed, plain, ownPort] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(place) ?? [];
    return { host: bracketed ?? plain ?? place, port: ownPort === undefined ? port : Number(ownPort) };
  });
}

/** The address as it may be logged: neither user nor password. */
export function describeAddress({ host, port, database }: DatabaseAddress): string {
  if (host.startsWith("/")) return `${host}/.s.PGSQL.${port} database ${database}`;
  return `${/^[^,]*:[^,]*:[^,]*$/.test(host) ? `[${host}]` : host}:${port}/${database}`;
}
