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

/**
 * Reads a URL as libpq does, as far as it can be used here.
 *
 * @param url begins with postgresql:// or postgres://
 * @param hasCa with a certificate authority of its own, certificates are checked unless the URL says otherwise
 * @throws {TypeError} without quoting the URL
 */
export function parseDatabaseUrl(url: string, hasCa: boolean): DatabaseAddress {
  const parsed = URL.parse(url);
  if (parsed === null) throw new TypeError("Cannot read the database's URL as it is no URL");
  const query = parsed.searchParams;
  const sslmode = query.get("sslmode") ?? (hasCa ? "verify-full" : "prefer");
  const tls = TLS_MODES[sslmode];
  if (tls === undefined) {
    const known = Object.keys(TLS_MODES).join(", ");
    throw new TypeError(`Cannot read the database's URL as sslmode must be one of ${known}`);
  }
  const user = decodeURIComponent(parsed.username) || query.get("user") || "postgres";
  const password = decodeURIComponent(parsed.password) || query.get("password");
  return {
    host: query.get("host") ?? (decodeURIComponent(parsed.hostname).replace(/^\[(.*)\]$/, "$1") || "localhost"),
    port: Number(parsed.port || query.get("port") || 5432),
    database: decodeURIComponent(parsed.pathname.slice(1)) || query.get("dbname") || user,
    user,
    password,
    // As libpq: with an authority at hand, "require" means that it must have signed.
    tls: tls === "require" && hasCa ? "verify" : tls,
    parameters: Object.fromEntries([...query].filter(([name]) => !CLIENT_PARAMETERS.includes(name))),
  };
}

/** The address as it may be logged: neither user nor password. */
export function describeAddress({ host, port, database }: DatabaseAddress): string {
  return host.startsWith("/") ? `${host}/.s.PGSQL.${port} database ${database}` : `${host}:${port}/${database}`;
}
