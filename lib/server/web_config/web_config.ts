/** What Go's names for client authentication ask of a client's certificate. */
export const CLIENT_AUTH_TYPES = [
  "NoClientCert",
  "RequestClientCert",
  "RequireAnyClientCert",
  "VerifyClientCertIfGiven",
  "RequireAndVerifyClientCert",
] as const;
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** PEM text, or the file that holds it. */
export type PemSource = { readonly pem: string } | { readonly file: string };

export interface TlsConfig {
  readonly cert: PemSource;
  readonly key: PemSource;
  readonly clientCa: PemSource | null;
  readonly clientAuthType: ClientAuthType;
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
}

/** A web configuration file of Prometheus's exporter-toolkit, as far as it applies here. */
export interface WebConfig {
  readonly tls: TlsConfig | null;
  /** Added to every response. */
  readonly headers: ReadonlyMap<string, string>;
  /** Bcrypt hashes by user name; without any, nobody is asked for a password. */
  readonly users: ReadonlyMap<string, string>;
}

/** A web configuration that cannot be used; each problem names its key and never shows a secret. */
export class WebConfigError extends Error {
  override readonly name = "WebConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(`Cannot use the web configuration: ${problems.join("; ")}`, options);
    this.problems = problems;
  }
}
