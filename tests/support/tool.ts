/** Path of an installed program, or `null`; a name with a slash is its path. */
export function findTool(name: string): string | null {
  if (name.includes("/")) return isFile(name) ? name : null;
  const paths = (Deno.env.get("PATH") ?? "").split(":").map((directory) => `${directory}/${name}`);
  return paths.find(isFile) ?? null;
}

/**
 * Of these Debian packages' programs, the ones that are missing, as the reason a test is skipped for; `null` when all
 * are there.
 */
export function missingTools(...names: readonly string[]): string | null {
  const missing = names.filter((name) => findTool(name) === null);
  return missing.length === 0 ? null : `not installed: ${missing.join(", ")}`;
}

/** A test that needs these programs; without them it is skipped, and its name says why. */
export function testWithTools(
  name: string,
  tools: readonly string[],
  fn: (t: Deno.TestContext) => Promise<void>,
): void {
  const missing = missingTools(...tools);
  if (missing === null) Deno.test(name, fn);
  else Deno.test.ignore(`${name} (skipped, ${missing})`, fn);
}

export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an installed program to its end. */
export async function runTool(
  name: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly stdin?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ToolResult> {
  const { stdin, ...rest } = options;
  const command = new Deno.Command(name, {
    args: [...args],
    ...rest,
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const [output] = await Promise.all([child.output(), stdin === undefined ? null : write(child.stdin, stdin)]);
  const decoder = new TextDecoder();
  return { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}

async function write(stream: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
