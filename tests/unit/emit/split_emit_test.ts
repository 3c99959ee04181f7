import assert from "node:assert/strict";
import { COMMON_FLAG_NAMES } from "../../../lib/config/command_line.ts";
import { flagName, OPTION_KEYS } from "../../../lib/config/option_names.ts";
import { eventTypes, listKnownFields } from "../../../lib/emit/event_line.ts";
import { splitEmit } from "../../../lib/emit/split_emit.ts";

for (
  const { args, general, own } of [
    { args: "emit E --available 4", general: "emit", own: "E --available 4" },
    { args: "--config F emit E --available=4", general: "--config F emit", own: "E --available=4" },
    { args: "--config=F emit E --available=4", general: "--config=F emit", own: "E --available=4" },
    { args: "--socket-path X emit E --available 3", general: "--socket-path X emit", own: "E --available 3" },
    {
      args: "--no-metrics --log-level=debug --config F emit E",
      general: "--no-metrics --log-level=debug --config F emit",
      own: "E",
    },
    { args: "emit --config F E --available 4", general: "emit --config F", own: "E --available 4" },
    { args: "emit --config=F --socket-path X E", general: "emit --config=F --socket-path X", own: "E" },
    { args: "emit E --available 4 --socket-path X", general: "emit --socket-path X", own: "E --available 4" },
    { args: "emit E --no-metrics --available 4", general: "emit --no-metrics", own: "E --available 4" },
    { args: "emit --no-metrics E", general: "emit --no-metrics", own: "E" },
    { args: "emit --stdin --config F", general: "emit --config F", own: "--stdin" },
    { args: "emit --stdin --socket X --timeout 3", general: "emit", own: "--stdin --socket X --timeout 3" },
    { args: "emit E --help", general: "emit", own: "E --help" },
    { args: "emit -h", general: "emit", own: "-h" },
    { args: "emit --version", general: "emit --version", own: "" },
    { args: "--help emit E", general: "--help emit", own: "E" },
    // Of another command, or of none: whoever reads the two parts says so.
    { args: "--ready emit E", general: "--ready emit", own: "E" },
    { args: "emit E --format json", general: "emit", own: "E --format json" },
    { args: "emit E --config", general: "emit --config", own: "E" },
    // Not the command.
    { args: "--config emit once", general: "--config emit once", own: "" },
    { args: "once emit", general: "once emit", own: "" },
    { args: "--socket-path=emit", general: "--socket-path=emit", own: "" },
    { args: "", general: "", own: "" },
  ]
) {
  Deno.test(`splitEmit() parts ${args}`, () => {
    const words = (text: string): readonly string[] =>
      text.replace("E ", "worktree_pool_changed ").replace(/E$/, "worktree_pool_changed").split(" ").filter((word) =>
        word !== ""
      );
    assert.deepEqual(splitEmit(words(args)), { args: words(general), emitArgs: words(own) });
  });
}

Deno.test("splitEmit() leaves every field to its event, whatever it is called", () => {
  for (const type of eventTypes()) {
    const fields = listKnownFields(type).map((name) => `--${name.replaceAll("_", "-")}`);
    const emitArgs = [type, ...fields.flatMap((flag) => [flag, "x"])];
    assert.deepEqual(splitEmit(["emit", ...emitArgs]), { args: ["emit"], emitArgs });
  }
});

Deno.test("splitEmit() knows every general flag but the one that emit has itself", () => {
  for (const name of [...COMMON_FLAG_NAMES, ...OPTION_KEYS.map(flagName)]) {
    if (name === null || name === "help" || name === "socket") continue;
    const { args, emitArgs } = splitEmit(["emit", "worktree_pool_changed", `--${name}`]);
    assert.deepEqual([args, emitArgs], [["emit", `--${name}`], ["worktree_pool_changed"]]);
  }
});
