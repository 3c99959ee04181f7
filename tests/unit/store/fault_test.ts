import assert from "node:assert/strict";
import { faultOf, StoreFault } from "../../../lib/store/fault.ts";

function raised(code: string, fields: object = {}): Error {
  return Object.assign(new Error("secret content"), { code, ...fields });
}

const KINDS: readonly { readonly code: string; readonly kind: StoreFault["kind"] }[] = [
  { code: "22003", kind: "data" },
  { code: "22P02", kind: "data" },
  { code: "23502", kind: "data" },
  { code: "54000", kind: "data" },
  { code: "P0001", kind: "data" },
  { code: "40001", kind: "server" },
  { code: "40P01", kind: "server" },
  { code: "42501", kind: "server" },
  { code: "25006", kind: "server" },
  { code: "53100", kind: "server" },
  { code: "53300", kind: "server" },
  { code: "55P03", kind: "server" },
  { code: "57014", kind: "server" },
  { code: "28P01", kind: "server" },
  { code: "57P01", kind: "connection" },
  { code: "57P03", kind: "connection" },
  { code: "08006", kind: "connection" },
  { code: "ECONNREFUSED", kind: "connection" },
  { code: "EPIPE", kind: "connection" },
  { code: "CONNECTION_CLOSED", kind: "connection" },
];
for (const { code, kind } of KINDS) {
  Deno.test(`faultOf() takes ${code} for a fault of kind ${kind}, and tells no content`, () => {
    const fault = faultOf(raised(code), "db:5432/x");
    assert.equal(fault.kind, kind);
    assert.equal(fault.code, code);
    assert.match(fault.message, new RegExp(`\\(${code}\\)`));
    assert.doesNotMatch(fault.message, /secret content/);
  });
}

Deno.test("faultOf() says where a row was refused", () => {
  const fault = faultOf(raised("23502", { table_name: "events", column_name: "type", detail: "content" }), "db");
  assert.equal(fault.message, "A row was refused (23502 table events column type)");
});

Deno.test("faultOf() says what to do", () => {
  assert.match(faultOf(raised("28P01"), "db:5432/x").message, /at db:5432\/x .*password.*correct/);
  assert.match(faultOf(raised("42501"), "db").message, /prodigy-exporter migrate/);
});

Deno.test("faultOf() leaves a fault as it is", () => {
  const fault = new StoreFault("server", "X", "x");
  assert.equal(faultOf(fault, "db"), fault);
});
