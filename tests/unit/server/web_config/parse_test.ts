import assert from "node:assert/strict";
import { parseWebConfig } from "../../../../lib/server/web_config/parse.ts";
import { WebConfigError } from "../../../../lib/server/web_config/web_config.ts";

const HASH = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";
const CERTIFICATE = "cert_file: a.pem, key_file: /etc/b.key";

function problemsOf(text: string): readonly string[] {
  try {
    parseWebConfig(text, "/etc");
  } catch (error) {
    if (error instanceof WebConfigError) return error.problems;
    throw error;
  }
  return [];
}

Deno.test("parseWebConfig() reads what exporter-toolkit writes", () => {
  const text = `
# TLS and basic authentication configuration example.
tls_server_config:
  cert_file: server.crt
  key_file: /keys/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  min_version: TLS13
  prefer_server_cipher_suites: true
http_server_config:
  http2: false
  headers:
    Strict-Transport-Security: max-age=31536000
    X-Frame-Options: ""
basic_auth_users:
  alice: ${HASH}
  __proto__: ${HASH}
`;
  assert.deepEqual(parseWebConfig(text, "/etc"), {
    tls: {
      cert: { file: "/etc/server.crt" },
      key: { file: "/keys/server.key" },
      clientCa: { file: "/etc/ca.crt" },
      clientAuthType: "RequireAndVerifyClientCert",
      minVersion: "TLSv1.3",
      maxVersion: "TLSv1.3",
    },
    headers: new Map([["Strict-Transport-Security", "max-age=31536000"]]),
    users: new Map([["alice", HASH], ["__proto__", HASH]]),
  });
});

Deno.test("parseWebConfig() takes an empty file for no protection, and TLS 1.2 for the least version", () => {
  for (const text of ["", "# nothing\n", "{}", "basic_auth_users:\n", "http_server_config: {headers: }"]) {
    assert.deepEqual(parseWebConfig(text, "/etc"), { tls: null, headers: new Map(), users: new Map() }, text);
  }
  for (const version of ["", ", min_version: TLS10", ", min_version: TLS12"]) {
    const { tls } = parseWebConfig(`tls_server_config: {${CERTIFICATE}${version}}`, "/etc");
    assert.deepEqual([tls?.minVersion, tls?.maxVersion], ["TLSv1.2", "TLSv1.3"]);
  }
});

Deno.test("parseWebConfig() says what is wrong, all of it, and shows no secret", () => {
  const cases: readonly (readonly [text: string, ...problems: RegExp[]])[] = [
    ["a: [", /^not YAML/],
    ["a: 1\na: 2", /^not YAML in line 2$/],
    ["- a", /^the file must be a mapping$/],
    ["tls: {}", /^tls is not known$/],
    ["tls_server_config: {}", /needs cert_file and key_file/],
    ["tls_server_config: {cert_file: a}", /needs cert_file and key_file/],
    [`tls_server_config: {${CERTIFICATE}, cert: x}`, /both cert and cert_file/],
    [`tls_server_config: {${CERTIFICATE}, cert_fil: x}`, /^tls_server_config.cert_fil is not known$/],
    [
      `tls_server_config: {${CERTIFICATE}, min_version: TLS14}`,
      /min_version must be one of TLS10, TLS11, TLS12, TLS13/,
    ],
    [`tls_server_config: {${CERTIFICATE}, min_version: TLS13, max_version: TLS12}`, /min_version is above max_version/],
    [`tls_server_config: {${CERTIFICATE}, client_auth_type: Maybe}`, /client_auth_type must be one of NoClientCert/],
    [`tls_server_config: {${CERTIFICATE}, client_auth_type: RequireAndVerifyClientCert}`, /client_ca_file is missing/],
    [`tls_server_config: {${CERTIFICATE}, client_ca_file: ca}`, /client_ca_file has no effect/],
    [`tls_server_config: {${CERTIFICATE}, cipher_suites: [X]}`, /cipher_suites is not supported/],
    [`tls_server_config: {${CERTIFICATE}, client_allowed_sans: [X]}`, /client_allowed_sans is not supported/],
    ["http_server_config: {http2: 1}", /http2 must be true or false/],
    ["http_server_config: {headers: {X-Own: a}}", /^http_server_config.headers.X-Own is not known$/],
    ['http_server_config: {headers: {X-Frame-Options: "a\\nb"}}', /characters of no header/],
    ["rate_limit: {burst: 1}", /^rate_limit is not supported$/],
    ["basic_auth_users: {alice: secret}", /^basic_auth_users.alice must be a bcrypt hash/],
    ["basic_auth_users: {alice: 5}", /^basic_auth_users.alice must be a bcrypt hash/],
    [`basic_auth_users: {"a:b": "${HASH}"}`, /empty or has a colon/],
    [`basic_auth_users: {alice: "${HASH.replace("$10$", "$31$")}"}`, /cost from 4 to 15/],
    ["a: 1\n---\na: 2", /^more than one document$/],
    ["? [a]\n: 1", /^not YAML/],
    ["basic_auth_users: {alice: secret}\ntls: {}\nrate_limit: {}", /alice/, /rate_limit/, /^tls is not known$/],
  ];
  for (const [text, ...expected] of cases) {
    const problems = problemsOf(text);
    assert.ok(problems.length >= expected.length && problems.length > 0, text);
    for (const problem of expected) assert.ok(problems.some((one) => problem.test(one)), `${text}: ${problems}`);
    assert.ok(!problems.some((one) => one.includes("secret") || one.includes("mDwo")), text);
  }
});
