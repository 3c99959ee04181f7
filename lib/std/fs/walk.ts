export interface WalkEntry {
  readonly path: string;
  readonly name: string;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
}
/** As @std/fs `walkSync` without options: depth first, directories before their content, links not followed. */
export function* walkSync(root: string): Generator<WalkEntry> {
  const info = Deno.lstatSync(root);
  const name = root.slice(root.lastIndexOf("/") + 1);
  yield { path: root, name, isFile: info.isFile, isDirectory: info.isDirectory, isSymlink: info.isSymlink };
  if (!info.isDirectory) return;
  for (const entry of Deno.readDirSync(root)) {
    const path = `${root}/${entry.name}`;
    if (entry.isDirectory) yield* walkSync(path);
    else yield { path, ...entry };
  }
}
