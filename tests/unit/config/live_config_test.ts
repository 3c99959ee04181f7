import assert from "node:assert/strict";
import { LiveConfig } from "../../../lib/config/live_config.ts";
import { OPTION_KEYS, optionOf } from "../../../lib/config/option_names.ts";
import type { Config } from "../../../lib/config/options.ts";
import { fileOf, layersWith, resolved } from "./support.ts";

function configOf(toml: string): Config {
  return resolved(layersWith({ file: fileOf(toml) })).config;
}

Deno.test("LiveConfig.update() puts reloadable options in force, and names those that wait for a restart", () => {
  const live = new LiveConfig(configOf(""));
  const { view } = live;
  const next = configOf('log.level = "debug"\nmetrics.port = 1\nbuckets.step = [1]\nclaude.prices = {}\n');
  assert.deepEqual(live.update(next), { changed: ["log.level"], needRestart: ["metrics.port", "buckets.step"] });
  assert.deepEqual([view["log.level"], view["metrics.port"], view["buckets.step"].length], ["debug", 9090, 6]);
  // Still, as the program still runs with the old ones.
  assert.deepEqual(live.update(next), { changed: [], needRestart: ["metrics.port", "buckets.step"] });
  assert.deepEqual(live.update(configOf("")), { changed: ["log.level"], needRestart: [] });
  assert.equal(view["log.level"], "info");
});

Deno.test("LiveConfig.view has every option, and cannot be written", () => {
  const config = configOf("");
  const { view } = new LiveConfig(config);
  assert.deepEqual({ ...view }, { ...config });
  assert.throws(() => Object.assign(view, { "log.level": "debug" }), TypeError);
});

/**
 * What takes effect without a restart. Whoever adds to this must see to it that the part which reads the option asks
 * for it anew; the test against the running program tries some of them.
 */
const RELOADABLE = [
  "server.auth_excluded_paths",
  "server.allowed_hosts",
  "server.max_concurrent_scrapes",
  "server.reload_enabled",
  "claude.prices",
  "events.poll_interval",
  "events.rescan_interval",
  "readers.poll_interval",
  "readers.settle",
  "readers.idle_limit",
  "socket.max_connections",
  "socket.idle_timeout",
  "state.snapshot_interval",
  "cardinality.max_series",
  "cardinality.max_workflow_names",
  "cardinality.max_tool_names",
  "cardinality.max_models",
  "cardinality.finished_job_hold",
  "cardinality.dlq_hold",
  "log.level",
];

Deno.test("the options that are reloadable are the ones known to be", () => {
  assert.deepEqual(OPTION_KEYS.filter((key) => optionOf(key).reloadable), RELOADABLE);
});
