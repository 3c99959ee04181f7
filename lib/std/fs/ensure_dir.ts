/** Makes the directory and its parents when absent. As @std/fs `ensureDirSync`. */
export function ensureDirSync(path: string): void {
  Deno.mkdirSync(path, { recursive: true });
}
