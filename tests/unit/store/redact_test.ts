import assert from "node:assert/strict";
import { redactSecrets } from "../../../lib/store/redact.ts";

const CASES: readonly { readonly name: string; readonly text: string; readonly expected: string }[] = [
  { name: "an assignment", text: "API_KEY=abcd1234 run", expected: "API_KEY=[redacted] run" },
  { name: "a flag", text: "login --password hunter22 --now", expected: "login --password [redacted] --now" },
  { name: "a flag with =", text: "x --auth-token=abcdefgh", expected: "x --auth-token=[redacted]" },
  { name: "JSON", text: '{"client_secret": "s3cr3t!!"}', expected: '{"client_secret": "[redacted]"}' },
  { name: "a header", text: "Authorization: Bearer abc.def-123456", expected: "Authorization: Bearer [redacted]" },
  {
    name: "a URL",
    text: "psql postgresql://joe:pa55@db.example/x",
    expected: "psql postgresql://[redacted]@db.example/x",
  },
  { name: "an Anthropic key", text: "use sk-ant-api03-AbCdEfGh0123 now", expected: "use [redacted] now" },
  { name: "a GitHub token", text: "ghp_0123456789abcdefghijABCDEFGHIJ012345", expected: "[redacted]" },
  { name: "an AWS key", text: "id AKIAIOSFODNN7EXAMPLE.", expected: "id [redacted]." },
  { name: "a JWT", text: "t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc", expected: "t [redacted]" },
  {
    name: "a private key",
    text: "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nend",
    expected: "[redacted]\nend",
  },
];
for (const { name, text, expected } of CASES) {
  Deno.test(`redactSecrets() hides ${name}`, () => {
    assert.equal(redactSecrets(text), expected);
    assert.equal(redactSecrets(redactSecrets(text)), expected);
  });
}

for (
  const text of ["cargo test --all", "shell: exit 3", "/implement spec 125", "https://example.com/a?b=c", "tokens: 5"]
) {
  Deno.test(`redactSecrets() leaves ${text} alone`, () => assert.equal(redactSecrets(text), text));
}
