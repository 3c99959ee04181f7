/** Whether something is at `path`; a dangling symbolic link is nothing. As @std/fs `existsSync`. */
export function existsSync(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
