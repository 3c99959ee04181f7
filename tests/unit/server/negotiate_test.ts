import assert from "node:assert/strict";
import { acceptsGzip, negotiateFormat } from "../../../lib/server/negotiate.ts";

Deno.test("negotiateFormat() answers OpenMetrics to those who prefer it, else text", () => {
  const cases: readonly (readonly [accept: string | null, format: string])[] = [
    [null, "text"],
    ["", "text"],
    ["*/*", "text"],
    ["text/*", "text"],
    ["application/json", "text"],
    ["text/plain;version=0.0.4", "text"],
    ["application/openmetrics-text", "openmetrics"],
    ["Application/OpenMetrics-Text; Version=1.0.0; Charset=UTF-8", "openmetrics"],
    ['application/openmetrics-text; version="1.0.0"', "openmetrics"],
    ["application/openmetrics-text;version=0.0.1", "text"],
    ["application/openmetrics-text;version=2.0.0", "text"],
    ["application/openmetrics-text;q=0", "text"],
    ["application/openmetrics-text;q=0.4,text/plain;q=0.5", "text"],
    ["application/openmetrics-text;q=0.5,text/plain;q=0.4", "openmetrics"],
    ["application/openmetrics-text;q=0.5,text/plain;q=0.4,*/*;q=0.9", "openmetrics"],
    ["application/openmetrics-text,*/*", "openmetrics"],
    ["application/openmetrics-text;q=nonsense", "text"],
    ["application/openmetrics-text;q=1.5", "text"],
    // Prometheus 2.42
    [
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      "openmetrics",
    ],
    // Prometheus 3
    [
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5," +
      "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3," +
      "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
      "openmetrics",
    ],
    // Chromium
    ["text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text"],
    [",;,;;q=1,=", "text"],
  ];
  for (const [accept, format] of cases) assert.equal(negotiateFormat(accept), format, String(accept));
});

Deno.test("acceptsGzip() is true only for those who take gzip and do not like it less than nothing", () => {
  const cases: readonly (readonly [acceptEncoding: string | null, accepts: boolean])[] = [
    [null, false],
    ["", false],
    ["gzip", true],
    ["GZIP", true],
    ["x-gzip", true],
    ["gzip, deflate, br", true],
    ["br;q=1.0, gzip;q=0.8, *;q=0.1", true],
    ["gzip;q=0", false],
    ["gzip;q=0.0", false],
    ["gzip;q=0, *", false],
    ["*", true],
    ["*;q=0", false],
    ["identity", false],
    ["identity;q=1, gzip;q=0.5", false],
    ["identity;q=0.5, gzip;q=1", true],
    ["deflate, br", false],
    ["notgzip", false],
  ];
  for (const [header, accepts] of cases) assert.equal(acceptsGzip(header), accepts, String(header));
});
