import { type Layers, type Misconfiguration, resolveConfig, type Resolved } from "../../../lib/config/resolve.ts";

/** Nothing said anywhere, but for what a test gives. */
export function layersWith(given: Partial<Layers> & { readonly env?: Readonly<Record<string, string>> } = {}): Layers {
  const { env = {}, ...layers } = given;
  return {
    flags: new Map(),
    environment: (name) => env[name],
    file: null,
    homeDirectory: "/home/u",
    currentDirectory: "/cwd",
    ...layers,
  };
}

export function fileOf(text: string): { readonly path: string; readonly text: string } {
  return { path: "/cwd/config.toml", text };
}

/** The configuration, where problems would be a failure of the test. */
export function resolved(layers: Layers): Resolved {
  const result = resolveConfig(layers);
  if ("problems" in result) throw new Error(result.problems.map((problem) => problem.message).join("\n"));
  return result;
}

/** The problems; none when all is well. */
export function problemsOf(result: object | Misconfiguration): Misconfiguration["problems"] {
  return "problems" in result ? result.problems : [];
}
