import { loadAll, YAMLException } from "js-yaml";
import { Section } from "./section.ts";
import {
  CLIENT_AUTH_TYPES,
  type PemSource,
  type TlsConfig,
  type TlsVersion,
  type WebConfig,
  WebConfigError,
} from "./web_config.ts";

/** Below 4 bcrypt is not defined; above 15 one log-in would keep the exporter busy for seconds. */
const BCRYPT_HASH = /^\$2[aby]\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/;
/** The only ones exporter-toolkit takes. */
const HEADER_NAMES = [
  "Content-Security-Policy",
  "Strict-Transport-Security",
  "X-Content-Type-Options",
  "X-Frame-Options",
  "X-XSS-Protection",
];
/** TLS 1.0 and 1.1 are not spoken here, so as a lower bound they mean 1.2. */
const MIN_VERSIONS = { TLS10: "TLSv1.2", TLS11: "TLSv1.2", TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;
const MAX_VERSIONS = { TLS12: "TLSv1.2", TLS13: "TLSv1.3" } as const;
/** Known to exporter-toolkit. Ignoring them could make the server less safe than the file says, so they are refused. */
const UNSUPPORTED_TLS = ["cipher_suites", "curve_preferences", "client_allowed_sans"];

/**
 * Reads a web configuration in the format of Prometheus's exporter-toolkit (its docs/web-configuration.md).
 * @param directory Where relative file names begin: that of the configuration file.
 * @throws {WebConfigError} with all problems at once.
 */
export function parseWebConfig(text: string, directory: string): WebConfig {
  const problems: string[] = [];
  const root = new Section("", parseDocument(text), problems);
  const config: WebConfig = {
    tls: parseTls(root.section("tls_server_config"), directory, problems),
    headers: parseHeaders(root.section("http_server_config"), problems),
    users: parseUsers(root.section("basic_auth_users"), problems),
  };
  const rateLimit = root.take("rate_limit");
  if (rateLimit !== undefined) problems.push("rate_limit is not supported");
  root.refuseOthers();
  if (problems.length > 0) throw new WebConfigError(problems);
  return config;
}

function parseDocument(text: string): unknown {
  try {
    const [document, ...others] = loadAll(text);
    if (others.length > 0) throw new WebConfigError(["more than one document"]);
    return document;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    // It shows the text, in which there are secrets; so it is not kept as the cause either.
    const place = error.mark === undefined ? "" : ` in line ${error.mark.line + 1}`;
    throw new WebConfigError([`not YAML${place}`]);
  }
}

function parseTls(section: Section | null, directory: string, problems: string[]): TlsConfig | null {
  if (section === null) return null;
  const cert = parsePem(section, "cert", directory, problems);
  const key = parsePem(section, "key", directory, problems);
  const clientCa = parsePem(section, "client_ca", directory, problems);
  const clientAuthType = section.oneOf("client_auth_type", CLIENT_AUTH_TYPES) ?? "NoClientCert";
  const minVersion = MIN_VERSIONS[section.oneOf("min_version", keysOf(MIN_VERSIONS)) ?? "TLS12"];
  const maxVersion: TlsVersion = MAX_VERSIONS[section.oneOf("max_version", keysOf(MAX_VERSIONS)) ?? "TLS13"];
  // The order of suites matters only where there is a choice of them.
  section.take("prefer_server_cipher_suites");
  for (const name of UNSUPPORTED_TLS) {
    if (section.take(name) !== undefined) problems.push(`tls_server_config.${name} is not supported`);
  }
  section.refuseOthers();
  if (minVersion > maxVersion) problems.push("tls_server_config.min_version is above max_version");
  // Without a CA nothing could be verified; with one that is not used, the file does not do what its author thinks.
  if (clientAuthType.includes("Verify") && clientCa === null) {
    problems.push(`tls_server_config.client_ca_file is missing for client_auth_type ${clientAuthType}`);
  }
  if (clientAuthType === "NoClientCert" && clientCa !== null) {
    problems.push("tls_server_config.client_ca_file has no effect without client_auth_type");
  }
  if (cert === null || key === null) {
    problems.push("tls_server_config needs cert_file and key_file");
    return null;
  }
  return { cert, key, clientCa, clientAuthType, minVersion, maxVersion };
}

function parsePem(section: Section, name: string, directory: string, problems: string[]): PemSource | null {
  const pem = section.text(name);
  const file = section.text(`${name}_file`);
  if (pem !== null && file !== null) problems.push(`tls_server_config has both ${name} and ${name}_file`);
  if (pem !== null) return { pem };
  if (file === null) return null;
  return { file: file.startsWith("/") ? file : `${directory}/${file}` };
}

function parseHeaders(section: Section | null, problems: string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  if (section === null) return headers;
  // HTTP/2 brings a scraper nothing: it asks for one thing at a time.
  const http2 = section.take("http2");
  if (http2 !== undefined && typeof http2 !== "boolean") {
    problems.push("http_server_config.http2 must be true or false");
  }
  const given = section.section("headers");
  for (const name of HEADER_NAMES) {
    const value = given?.text(name) ?? "";
    if (!/^[\x20-\x7e]*$/.test(value)) problems.push(`http_server_config.headers.${name} has characters of no header`);
    else if (value !== "") headers.set(name, value);
  }
  given?.refuseOthers();
  section.refuseOthers();
  return headers;
}

function parseUsers(section: Section | null, problems: string[]): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const [name, hash] of section?.entries() ?? []) {
    if (name === "" || name.includes(":")) problems.push("basic_auth_users has a name that is empty or has a colon");
    else if (typeof hash !== "string" || !BCRYPT_HASH.test(hash)) {
      problems.push(`basic_auth_users.${name} must be a bcrypt hash of a cost from 4 to 15`);
    } else users.set(name, hash);
  }
  return users;
}

function keysOf<T extends object>(table: T): readonly (keyof T & string)[] {
  // Object.keys forgets the names, though nothing else can be in these tables.
  return Object.keys(table) as (keyof T & string)[];
}
