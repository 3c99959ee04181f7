import assert from "node:assert/strict";
import { COMMON_FLAG_NAMES } from "../../../lib/config/command_line.ts";
import {
  environmentName,
  environmentNames,
  flagName,
  flagUsage,
  isOptionKey,
  OPTION_KEYS,
  optionOf,
} from "../../../lib/config/option_names.ts";
import { layersWith, resolved } from "./support.ts";

Deno.test("OPTIONS has the names that users were promised", () => {
  assert.equal(flagUsage("metrics.port"), "--metrics-port <PORT>");
  assert.equal(flagUsage("metrics.enabled"), "--no-metrics");
  assert.equal(flagUsage("metrics.postgres.enabled"), "--enable-postgres-storage");
  assert.equal(environmentName("metrics.port"), "PRODIGY_METRICS_PORT");
  assert.equal(environmentName("metrics.postgres.connection_string"), "PRODIGY_POSTGRES_URL");
  assert.equal(environmentName("prodigy.home"), "PRODIGY_HOME");
  assert.equal(environmentName("claude.config_dir"), "CLAUDE_CONFIG_DIR");
});

Deno.test("OPTIONS has keys in tables, in snake_case, none of them a table of others", () => {
  for (const key of OPTION_KEYS) {
    assert.match(key, /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/);
    assert.ok(!OPTION_KEYS.some((other) => other.startsWith(`${key}.`)), key);
  }
});

Deno.test("OPTIONS has each name once", () => {
  const flags = OPTION_KEYS.map(flagName).filter((name) => name !== null);
  const variables = OPTION_KEYS.map(environmentName).filter((name) => name !== null);
  const all = [...flags, ...flags.map((name) => `no-${name}`), ...COMMON_FLAG_NAMES];
  assert.equal(new Set(all).size, all.length);
  assert.equal(new Set(variables).size, variables.length);
});

Deno.test("OPTIONS gives no secret a flag", () => {
  const secrets = OPTION_KEYS.filter((key) => optionOf(key).secret);
  assert.deepEqual(secrets.map(flagName), secrets.map(() => null));
  assert.ok(secrets.length > 0);
});

Deno.test("OPTIONS has a right default for every option", () => {
  assert.deepEqual([...resolved(layersWith()).settings.keys()], [...OPTION_KEYS]);
});

Deno.test("OPTIONS refers only to options there are", () => {
  for (const key of OPTION_KEYS) {
    const { default: written, neededBy } = optionOf(key);
    if (neededBy !== undefined) assert.ok(isOptionKey(neededBy), neededBy);
    const referred = typeof written === "string" ? [...written.matchAll(/(?<!\$)\{([^}]*)\}/g)] : [];
    for (const [, other = ""] of referred) assert.ok(isOptionKey(other), `${key}: ${other}`);
  }
});

Deno.test("OPTIONS has one sentence of help for every option, on one line", () => {
  for (const key of OPTION_KEYS) assert.match(optionOf(key).help, /^\p{Lu}?[^\n]{5,100}\.$/u, key);
});

Deno.test("environmentNames() has every variable that is read, and HOME", () => {
  const asked = new Set(["HOME"]);
  resolved(layersWith({ environment: (name) => void asked.add(name) }));
  assert.deepEqual([...asked].sort(), environmentNames());
});
