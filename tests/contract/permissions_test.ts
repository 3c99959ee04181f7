import assert from "node:assert/strict";
import { environmentNames } from "../../lib/config/option_names.ts";
import { permissionFlags } from "../../release/permissions.ts";
import { programFlags } from "../../release/program_flags.ts";
import { ACTIVATION_VARIABLES } from "../../lib/source/activated_listener.ts";
import { taskFlags } from "../support/program.ts";

/** The words of a flag with a list. */
function listOf(flags: readonly string[], name: string): readonly string[] {
  const flag = flags.find((one) => one.startsWith(`--${name}=`));
  return flag === undefined ? [] : flag.slice(name.length + 3).split(",");
}

function withoutEnvironment(flags: readonly string[]): readonly string[] {
  return flags.filter((flag) => !flag.startsWith("--allow-env")).toSorted();
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

Deno.test("the start task runs with the flags of the executable", () => {
  assert.deepEqual(withoutEnvironment(taskFlags("start")), withoutEnvironment(programFlags()));
});

Deno.test("the once task grants reading, and nothing else the start task does not", () => {
  const once = taskFlags("once");
  assert.deepEqual(once.filter((flag) => !taskFlags("start").includes(flag)), []);
  assert.deepEqual(once.filter((flag) => /^--allow-(?!env)/.test(flag)), ["--allow-read"]);
});

Deno.test("the tasks let the program see the variables it asks for, and no family of others", () => {
  const names = [...environmentNames(), ...ACTIVATION_VARIABLES];
  for (const task of ["start", "once"]) {
    const patterns = listOf(taskFlags(task), "allow-env");
    assert.deepEqual(names.filter((name) => !patterns.some((pattern) => matches(pattern, name))), [], task);
    assert.deepEqual(patterns.filter((pattern) => !names.some((name) => matches(pattern, name))), [], task);
    assert.deepEqual(patterns.filter((pattern) => pattern.endsWith("*")), ["PRODIGY_*"]);
    assert.ok(taskFlags(task).includes("--ignore-env") && taskFlags(task).includes("--no-prompt"));
  }
});

Deno.test("neither the tasks nor the executable may run programs or load libraries", () => {
  for (const flags of [taskFlags("start"), taskFlags("once"), permissionFlags()]) {
    assert.deepEqual(flags.filter((flag) => /all$|^-A|allow-(run|ffi|import)|allow-sys$|allow-env$/.test(flag)), []);
  }
});
