import assert from "node:assert/strict";
import { changesOf } from "../../../release/changelog.ts";

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.1.0] - 2026-12-01

### Added

- More.

## [1.0.0] - 2026-11-24

The first.

[1.1.0]: https://example.org/1.1.0
[1.0.0]: https://example.org/1.0.0
`;

Deno.test("changesOf() gives a version's section without heading and links", () => {
  assert.equal(changesOf(CHANGELOG, "1.1.0"), "### Added\n\n- More.");
  assert.equal(changesOf(CHANGELOG, "1.0.0"), "The first.");
});

Deno.test("changesOf() gives null for a version that is not there, or of which nothing is said", () => {
  assert.equal(changesOf(CHANGELOG, "1.1"), null);
  assert.equal(changesOf(CHANGELOG, "Unreleased"), null);
});
