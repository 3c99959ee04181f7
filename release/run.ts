/** A build step failed; the message says what to do. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; `code` is -1 when there is no such program. */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<Ran> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], ...options, stdin: "null" })
      .output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { code: -1, stdout: "", stderr: `${program} is not installed` };
    throw error;
  }
}
