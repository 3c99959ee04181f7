import { fromFileUrl } from "./file_url.ts";

/** A temporary directory that goes with the scope that made it. */
export interface Scratch extends Disposable {
  readonly path: string;
}

export function createScratch(): Scratch {
  const path = Deno.makeTempDirSync({ prefix: "prodigy-exporter-test-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

/** Copies a sample home of tests/support/data into a scratch directory, where it may be changed. */
export function copySampleHome(name: string, to: string): void {
  copyTree(fromFileUrl(new URL(`./data/${name}`, import.meta.url)), to);
}

function copyTree(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const entry of Deno.readDirSync(from)) {
    if (entry.isDirectory) copyTree(`${from}/${entry.name}`, `${to}/${entry.name}`);
    else Deno.writeFileSync(`${to}/${entry.name}`, Deno.readFileSync(`${from}/${entry.name}`));
  }
}
