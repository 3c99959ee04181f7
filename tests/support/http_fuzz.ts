import fc from "fast-check";

/** Everything a client may write, with pieces that mean something more often than chance would bring them. */
const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "/metrics",
    "/",
    "/-/reload",
    "%00",
    "..",
    "?",
    "#",
    "gzip",
    ";q=",
    "*",
    ",",
    "application/openmetrics-text",
    " ",
  ),
);

/** Text for a path or a header's value. */
export const fuzzText: fc.Arbitrary<string> = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));

export const fuzzHeaderName: fc.Arbitrary<string> = fc.constantFrom(
  "accept",
  "accept-encoding",
  "authorization",
  "host",
  "origin",
  "x-prometheus-scrape-timeout-seconds",
  "connection",
  "range",
  "if-none-match",
  "content-length",
  "transfer-encoding",
  "expect",
);

/** What the server's own parser lets through more often than not. */
const printable = fuzzText.map((text) => text.replaceAll(/[^\x21-\x7e]/g, ""));
const path = fc.constantFrom("/", "/metrics", "/metrics/json", "/health", "/-/healthy", "/-/ready", "/-/reload", "/x");
const target = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(path, fc.constantFrom("", "/", "?", "//", "#"), printable).map((parts) => parts.join("")),
  },
  { weight: 2, arbitrary: path },
  { weight: 1, arbitrary: fuzzText },
);
const value = fc.oneof({ weight: 4, arbitrary: printable }, { weight: 1, arbitrary: fuzzText });
const field = fc.tuple(fuzzHeaderName, value).map(([name, value]) => `${name}: ${value}\r\n`);

/** Requests as bytes on the wire, more or less. */
export const fuzzRequest: fc.Arbitrary<string> = fc.tuple(
  fc.constantFrom("GET", "HEAD", "POST", "OPTIONS", "TRACE", "CONNECT", "get", ""),
  target,
  fc.array(field, { maxLength: 3 }),
).map(([verb, target, fields]) => `${verb} ${target} HTTP/1.1\r\nhost: x\r\n${fields.join("")}\r\n`);

/** The status answered to these bytes; 0 when the server just hangs up or waits for more. */
export async function rawStatus(port: number, request: string): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(request)).catch(() => 0);
  await connection.closeWrite().catch(() => {});
  const buffer = new Uint8Array(4096);
  const length = await connection.read(buffer).catch(() => null) ?? 0;
  const [, status = "0"] = /^HTTP\/1\.[01] (\d{3})/.exec(new TextDecoder().decode(buffer.subarray(0, length))) ?? [];
  return Number(status);
}
