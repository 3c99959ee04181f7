import { Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import type { BundledPackage } from "./bundle.ts";
import { BuildError } from "./run.ts";

/** The parts of deno.lock that say what a package is. */
export interface LockFile {
  readonly npm: Readonly<Record<string, { readonly integrity: string; readonly dependencies?: readonly string[] }>>;
}

/**
 * Describes what the executable is made of, as CycloneDX: the packages whose code is in the bundle, with the hashes of
 * deno.lock, and Deno. The same source gives the same text: no serial number, no time.
 *
 * @throws {BuildError} when a package is not in the lock file.
 */
export function describeMaterials(
  packages: readonly BundledPackage[],
  lock: LockFile,
  about: { readonly version: string; readonly denoVersion: string },
): string {
  const program = component(Enums.ComponentType.Application, "prodigy-exporter", about.version, null);
  program.licenses.add(new Models.SpdxLicense("MIT"));
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: program }) });
  const runtime = component(Enums.ComponentType.Platform, "deno", about.denoVersion, null);
  const libraries = new Map(packages.map(({ name, version }) => {
    const hash = lock.npm[`${name}@${version}`]?.integrity;
    if (hash === undefined) throw new BuildError(`Cannot find ${name}@${version} in deno.lock`);
    return [name, component(Enums.ComponentType.Library, name, version, hash)];
  }));
  for (const one of [runtime, ...libraries.values()]) {
    bom.components.add(one);
    program.dependencies.add(one.bomRef);
  }
  for (const { name, version } of packages) {
    for (const needed of lock.npm[`${name}@${version}`]?.dependencies ?? []) {
      const other = libraries.get(needed.replace(/(?<=.)@[^@]*$/, ""));
      if (other !== undefined) libraries.get(name)?.dependencies.add(other.bomRef);
    }
  }
  const format = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return `${new Serialize.JsonSerializer(format).serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function component(
  type: Enums.ComponentType,
  name: string,
  version: string,
  integrity: string | null,
): Models.Component {
  const purl = `pkg:${integrity === null ? "generic" : "npm"}/${name.replace(/^@/, "%40")}@${version}`;
  const hashes = new Models.HashDictionary(
    integrity === null ? [] : [[Enums.HashAlgorithm["SHA-512"], hexOf(integrity)]],
  );
  return new Models.Component(type, name, { version, bomRef: purl, purl, hashes });
}

/** From `sha512-<base64>`. */
function hexOf(integrity: string): string {
  return Uint8Array.fromBase64(integrity.replace(/^sha512-/, "")).toHex();
}
