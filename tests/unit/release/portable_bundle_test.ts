import assert from "node:assert/strict";
import { portableBundle } from "../../../release/portable_bundle.ts";
import { BuildError } from "../../../release/run.ts";

const REVISION = { commit: "abc", date: "2026-11-24" };
const FACTS = 'var COMMIT = "unknown";\nvar COMMIT_DATE = "unknown";\n';

function bundleOf(code: string, sources: readonly string[]): string {
  const map = new TextEncoder().encode(JSON.stringify({ version: 3, sources, mappings: "AAAA" })).toBase64();
  return `${code}//# sourceMappingURL=data:application/json;base64,${map}\n`;
}

function port(bundle: string): ReturnType<typeof portableBundle> & { readonly sources: unknown } {
  const made = portableBundle(bundle, { root: "/src/app", directory: "/src/app/dist/.bundle-1", revision: REVISION });
  const map = new TextDecoder().decode(Uint8Array.fromBase64(made.text.slice(made.text.indexOf("base64,") + 7).trim()));
  return { ...made, sources: JSON.parse(map).sources };
}

Deno.test("portableBundle() names packages and the project's files, not the machine's directories", () => {
  const made = port(bundleOf(
    `// ../../home/me/.cache/deno/npm/registry.example/@scope/pkg/1.2.3/lib/a.js\n${FACTS}`,
    [
      "../../../../home/me/.cache/deno/npm/registry.example/@scope/pkg/1.2.3/lib/a.js",
      "../../lib/x.ts",
      "../../main.ts",
    ],
  ));
  assert.deepEqual(made.sources, ["npm:@scope/pkg@1.2.3/lib/a.js", "lib/x.ts", "main.ts"]);
  assert.ok(made.text.startsWith("// npm:@scope/pkg@1.2.3/lib/a.js\n"), made.text);
  assert.deepEqual(made.packages, [{ name: "@scope/pkg", version: "1.2.3" }]);
});

Deno.test("portableBundle() writes the revision, once", () => {
  const { text } = port(bundleOf(FACTS, []));
  assert.match(text, /^var COMMIT = "abc";\nvar COMMIT_DATE = "2026-11-24";\n/);
});

const BROKEN: readonly (readonly [name: string, bundle: string, message: RegExp])[] = [
  ["without a source map", FACTS, /Cannot find the source map/],
  ["without a place for the revision", bundleOf("", []), /COMMIT = "unknown"; is there 0 times/],
  ["with two places for the revision", bundleOf(FACTS + FACTS, []), /is there 2 times/],
  [
    "of files outside the project",
    bundleOf(FACTS, ["../../../other/x.ts"]),
    /where a bundled file belongs: \.\.\/other/,
  ],
];

for (const [name, bundle, message] of BROKEN) {
  Deno.test(`portableBundle() refuses a bundle ${name}`, () => {
    assert.throws(() => port(bundle), (error) => error instanceof BuildError && message.test(error.message));
  });
}
