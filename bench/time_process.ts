import { denoDirectory } from "../tests/support/program.ts";

export interface ProcessTime {
  readonly wallSeconds: number;
  /** User and system time of the process and its children. */
  readonly cpuSeconds: number;
}

/** Runs a command to its end. @throws {Error} when it fails. */
export async function timeProcess(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ProcessTime & { readonly output: string }> {
  // The shell's own `time`: Deno does not tell what a child has used.
  const script = 'TIMEFORMAT="%R %U %S"; time "$@"';
  const { success, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script, "bash", ...command],
    env: { ...env, LC_ALL: "C", DENO_DIR: denoDirectory() },
  }).output();
  const errors = new TextDecoder().decode(stderr).trimEnd();
  if (!success) throw new Error(`Cannot run ${command[0]}: ${errors}`);
  const [wallSeconds = NaN, user = NaN, system = NaN] = (errors.split("\n").at(-1) ?? "").split(" ").map(Number);
  return { wallSeconds, cpuSeconds: user + system, output: new TextDecoder().decode(stdout) };
}
