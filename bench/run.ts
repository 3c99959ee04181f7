/*
 * Runs benches, each in a process of its own, and prints what they found as one JSON array:
 *
 *   deno task bench                       all of them
 *   deno task bench decode guard          these
 *   deno task bench --quick               small amounts: that they work, not how fast anything is
 */
const BENCHES = [
  "decode",
  "fold",
  "guard",
  "end_to_end",
  "tail",
  "socket",
  "snapshot",
  "ledger_memory",
  "exposition",
  "metrics_export",
  "scrape_latency",
  "metrics_overhead",
  "idle_files",
  "start_up",
  "resident_memory",
];

async function run(
  name: string,
  flags: readonly string[],
): Promise<{ readonly isRight: boolean; readonly json: string }> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-all",
      "--v8-flags=--expose-gc",
      new URL(`./${name}.ts`, import.meta.url).href,
      ...flags,
    ],
    stderr: "inherit",
  }).output();
  return { isRight: success, json: new TextDecoder().decode(stdout) };
}

const flags = Deno.args.filter((arg) => arg.startsWith("--"));
const wanted = Deno.args.filter((arg) => !arg.startsWith("--"));
const unknown = wanted.filter((name) => !BENCHES.includes(name));
if (unknown.length > 0) throw new TypeError(`Cannot run ${unknown.join(", ")}: there are ${BENCHES.join(", ")}`);
const results: unknown[] = [];
let areRight = true;
for (const name of wanted.length > 0 ? wanted : BENCHES) {
  const { isRight, json } = await run(name, flags);
  areRight &&= isRight;
  results.push(json === "" ? { bench: name, failed: true } : JSON.parse(json));
}
// deno-lint-ignore no-console -- what a bench is for
console.log(JSON.stringify(results, null, 2));
if (!areRight) Deno.exit(1);
