import assert from "node:assert/strict";
import { LiveConfig } from "../../lib/config/live_config.ts";
import type { Misconfiguration, Resolved } from "../../lib/config/resolve.ts";
import { Reloader } from "../../lib/reloader.ts";
import type { Log, LogFields } from "../../lib/telemetry/log.ts";
import { Notices } from "../../lib/telemetry/notices.ts";
import { layersWith, resolved } from "./config/support.ts";

const BAD: Misconfiguration = {
  problems: [{ key: "log.level", origin: "/config.toml", position: { line: 3, column: 1 }, message: "Cannot use it" }],
};

interface Rig {
  readonly reloader: Reloader;
  readonly told: [string, LogFields][];
  loaded: Resolved | Misconfiguration;
  webConfigProblem: string | null;
}

function createRig(): Rig {
  const told: [string, LogFields][] = [];
  const note = (notice: string, fields: LogFields = {}): unknown => told.push([notice, fields]);
  const log: Log = { error: note, warn: note, info: note, debug: note };
  const good = resolved(layersWith());
  const rig: Rig = {
    loaded: good,
    webConfigProblem: null,
    told,
    reloader: new Reloader({
      liveConfig: new LiveConfig(good.config),
      loadConfig: () => rig.loaded,
      lookAtWebConfig: () => {},
      webConfigProblem: () => rig.webConfigProblem,
      onChanged: () => {},
      notices: new Notices(() => {}, log),
      now: () => 0,
    }),
  };
  return rig;
}

Deno.test("Reloader.isInForce follows the web configuration without a reload", () => {
  const rig = createRig();
  const seen = ["bad", null].map((problem) => {
    rig.webConfigProblem = problem;
    rig.reloader.webConfigReloaded();
    return rig.reloader.isInForce;
  });
  assert.deepEqual([seen, rig.told], [[false, true], []]);
});

Deno.test("Reloader makes up for a reload that the web configuration was in the way of, once", () => {
  const rig = createRig();
  rig.webConfigProblem = "bad";
  assert.equal(rig.reloader.reload().kind, "refused");
  rig.webConfigProblem = null;
  assert.equal(rig.reloader.isInForce, false, "what was read is not in force yet");
  rig.reloader.webConfigReloaded();
  rig.reloader.webConfigReloaded();
  assert.equal(rig.reloader.isInForce, true);
  assert.deepEqual(rig.told.map(([notice]) => notice), ["config_not_reloaded", "config_reloaded"]);
});

Deno.test("Reloader does not take a bad configuration for mended because the web configuration is", () => {
  const rig = createRig();
  rig.loaded = BAD;
  rig.reloader.reload();
  rig.reloader.webConfigReloaded();
  assert.equal(rig.reloader.isInForce, false);
  const place = { origin: "/config.toml", line: 3, column: 1 };
  assert.deepEqual(rig.told, [["config_not_reloaded", { ...place, problem: "Cannot use it" }]]);
});
