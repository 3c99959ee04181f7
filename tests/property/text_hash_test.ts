import assert from "node:assert/strict";
import fc from "fast-check";
import { IdHash } from "../../lib/event/id_hash.ts";
import { rememberTextHash, textHash } from "../../lib/event/text_hash.ts";

const ascii = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 80,
});
/** Few enough to meet again, and alike enough to want the same place. */
const text = fc.oneof(
  ascii,
  fc.nat(3000).map((number) => `agent-${number}`),
  fc.string({ unit: "binary" }),
  fc.constant("é".repeat(300)),
);

Deno.test("a text's hash is the same whether it is remembered, noted from its bytes or made anew", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ text, isMadeOfBytes: fc.boolean() }), { maxLength: 200 }), (steps) => {
      for (const { text, isMadeOfBytes } of steps) {
        if (isMadeOfBytes && /^[ -~]*$/.test(text)) noteBytesOf(text);
        const hash = new IdHash().ofText(text).low;
        assert.equal(textHash(text), hash);
        assert.equal(textHash(text), hash);
      }
    }),
    { numRuns: 300 },
  );
});

function noteBytesOf(text: string): void {
  const bytes = new TextEncoder().encode(`${text}...`);
  rememberTextHash(text, new DataView(bytes.buffer), 0, bytes.length - 3);
}
