import { relative, resolve } from "node:path";
import type { BundledPackage } from "./bundle.ts";
import type { Revision } from "./revision.ts";
import { BuildError } from "./run.ts";

const MAP_MARK = "//# sourceMappingURL=data:application/json;base64,";
/** `…/npm/<registry>/<package>/<version>/<file>` in Deno's cache, wherever that is on this machine. */
const CACHED_FILE = /[^\s"'`]*\/npm\/[^\s"'`/]+\/((?:@[^\s"'`/]+\/)?[^\s"'`/]+)\/(\d[^\s"'`/]*)\//g;

interface SourceMap {
  readonly sources: readonly string[];
}

/**
 * Rids a bundle of all that depends on where it was made, and writes the revision into it: the same commit gives the
 * same bytes on every machine.
 *
 * @throws {BuildError} when the bundle is not as the bundler makes them.
 */
export function portableBundle(
  bundle: string,
  made: { readonly root: string; readonly directory: string; readonly revision: Revision },
): { readonly text: string; readonly packages: readonly BundledPackage[] } {
  const mapAt = bundle.lastIndexOf(MAP_MARK);
  if (mapAt === -1) throw new BuildError("Cannot find the source map in the bundle");
  const map = parseMap(bundle.slice(mapAt + MAP_MARK.length));
  const sources = map.sources.map((source) => {
    const packaged = source.replace(CACHED_FILE, "npm:$1@$2/");
    return packaged === source ? relative(made.root, resolve(made.directory, source)) : packaged;
  });
  const outside = sources.find((source) => source.startsWith(".."));
  if (outside !== undefined) throw new BuildError(`Cannot say where a bundled file belongs: ${outside}`);

  let code = bundle.slice(0, mapAt).replace(CACHED_FILE, "npm:$1@$2/");
  code = replaceOnce(code, 'var COMMIT = "unknown";', `var COMMIT = ${JSON.stringify(made.revision.commit)};`);
  code = replaceOnce(code, 'var COMMIT_DATE = "unknown";', `var COMMIT_DATE = ${JSON.stringify(made.revision.date)};`);
  const encoded = new TextEncoder().encode(JSON.stringify({ ...map, sources })).toBase64();
  return { text: `${code}${MAP_MARK}${encoded}\n`, packages: packagesIn(sources) };
}

function parseMap(base64: string): SourceMap {
  // Written by the bundler in the format of source maps, version 3.
  return JSON.parse(new TextDecoder().decode(Uint8Array.fromBase64(base64.trim()))) as SourceMap;
}

function replaceOnce(text: string, from: string, to: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new BuildError(`Cannot write the revision into the bundle: ${from} is there ${parts.length - 1} times`);
  }
  return parts.join(to);
}

function packagesIn(sources: readonly string[]): readonly BundledPackage[] {
  const ids = sources.flatMap((source) => /^npm:(.+?@[^/@]+)\//.exec(source)?.[1] ?? []);
  return [...new Set(ids)].sort().map((id) => {
    const at = id.lastIndexOf("@");
    return { name: id.slice(0, at), version: id.slice(at + 1) };
  });
}
