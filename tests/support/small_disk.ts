import { runTool } from "./tool.ts";

/** Why a file system of a size of its own cannot be had here; `null` when it can. */
export const SMALL_DISK_MISSING: string | null = await whyMissing();

/** A file system in memory that is soon full. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
}

export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const path = await Deno.makeTempDir({ prefix: "prodigy-small-disk-" });
  await run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path);
  const ballast = `${path}/ballast`;
  return {
    path,
    async fill(): Promise<void> {
      using file = await Deno.open(ballast, { create: true, append: true });
      const some = new Uint8Array(4096);
      try {
        while (true) await file.write(some);
      } catch (error) {
        if (!isFull(error)) throw error;
      }
    },
    free: () => Deno.remove(ballast),
    async [Symbol.asyncDispose](): Promise<void> {
      await run("umount", path);
      await Deno.remove(path);
    },
  };
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOSPC";
}

async function whyMissing(): Promise<string | null> {
  if (Deno.uid() !== 0) return "the rights of root";
  try {
    await using _disk = await mountSmallDisk(1);
    return null;
  } catch (error) {
    return `the right to mount: ${error instanceof Error ? error.message : error}`;
  }
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await runTool(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr.trim()}`);
}
