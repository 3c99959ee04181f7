import assert from "node:assert/strict";
import { fromFileUrl } from "../support/file_url.ts";

const ROOT = new URL("../../", import.meta.url);

interface Module {
  /** Path below the repository, such as `lib/event/event.ts`. */
  readonly path: string;
  /** Paths below the repository, or bare specifiers of packages. */
  readonly imports: readonly string[];
}

/** Deno's own idea of the graph, type imports included. */
async function readGraph(): Promise<readonly Module[]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: fromFileUrl(ROOT),
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const { modules } = JSON.parse(new TextDecoder().decode(stdout));
  return modules
    .filter(({ specifier }: { readonly specifier: string }) => specifier.startsWith(ROOT.href))
    .map((module: { readonly specifier: string; readonly dependencies?: readonly RawDependency[] }) => ({
      path: module.specifier.slice(ROOT.href.length),
      imports: (module.dependencies ?? []).map(targetOf),
    }));
}

interface RawDependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string };
  readonly type?: { readonly specifier?: string };
}

function targetOf({ specifier, code, type }: RawDependency): string {
  const target = code?.specifier ?? type?.specifier ?? specifier;
  return target.startsWith(ROOT.href) ? target.slice(ROOT.href.length) : specifier;
}

const graph = await readGraph();
const lib = graph.filter(({ path }) => path.startsWith("lib/") && !path.startsWith("lib/std/"));

/** First directory below lib/, or the file's own name at the top of lib/. */
function areaOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function edgesBetween(from: (path: string) => boolean, to: (target: string) => boolean): readonly string[] {
  return lib.filter(({ path }) => from(path)).flatMap(({ path, imports }) =>
    imports.filter(to).map((target) => `${path} -> ${target}`)
  );
}

Deno.test("the graph of main.ts holds the parts the rules speak of", () => {
  for (const area of ["config", "event", "source", "prodigy", "metrics", "snapshot", "server", "telemetry"]) {
    assert.ok(lib.some(({ path }) => areaOf(path) === area), `nothing of lib/${area} is reached`);
  }
});

Deno.test("pure parts import only pure parts", () => {
  // Prices and labels are pure as well; what makes metrics/ impure is the exposition alone.
  const pure = ["event", "metrics"];
  const edges = edgesBetween(
    (path) => pure.includes(areaOf(path)) && path !== "lib/metrics/exposition.ts",
    (target) => target.startsWith("lib/") && !pure.includes(areaOf(target)) && target !== "lib/source/source.ts",
  );
  assert.deepEqual(edges, []);
});

Deno.test("pure parts touch no effect", async () => {
  // Deno.*, timers, clocks and randomness would show in the text: there is no other way to them without an import.
  const effects = /\bDeno\.|\bsetTimeout\b|\bsetInterval\b|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bfetch\(/;
  const pure = lib.filter(({ path }) =>
    ["event", "metrics"].includes(areaOf(path)) || path === "lib/config/resolve.ts"
  );
  const touching: string[] = [];
  for (const { path } of pure) {
    if (effects.test(withoutComments(await Deno.readTextFile(new URL(path, ROOT))))) touching.push(path);
  }
  assert.deepEqual(touching, []);
});

Deno.test("source, prodigy, store and server never import each other, but for the interface of a source", () => {
  const apart = ["source", "prodigy", "store", "server"];
  const edges = edgesBetween(
    (path) => apart.includes(areaOf(path)),
    (target) => target.startsWith("lib/") && apart.includes(areaOf(target)) && target !== "lib/source/source.ts",
  ).filter((edge) => {
    const [from = "", to = ""] = edge.split(" -> ");
    return areaOf(from) !== areaOf(to);
  });
  assert.deepEqual(edges, []);
});

Deno.test("only files at the top of lib/ see sources, metrics and the rest together", () => {
  const edges = edgesBetween(
    (path) => path.split("/").length > 2,
    (target) => target.startsWith("lib/") && target.split("/").length === 2,
  ).filter((edge) => !edge.endsWith("lib/version.ts"));
  assert.deepEqual(edges, []);
});

Deno.test("each npm package has one importer", () => {
  const importers = new Map<string, string[]>();
  for (const { path, imports } of graph) {
    // node: and the local standing-ins are no npm packages.
    for (const name of imports.filter((target) => /^[@a-z]/.test(target) && !/^(lib|tests|node:|@std)/.test(target))) {
      importers.set(name, [...importers.get(name) ?? [], path]);
    }
  }
  assert.ok(importers.has("prom-client"));
  assert.deepEqual([...importers].filter(([, paths]) => paths.length > 1), []);
});

Deno.test("there are no cycles", () => {
  const imports = new Map(lib.map(({ path, imports }) => [path, imports.filter((one) => one.startsWith("lib/"))]));
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) assert.fail(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" -> ")}`);
    if (done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
});

Deno.test("nothing in lib/ imports tests, and nothing but main.ts exits", async () => {
  assert.deepEqual(edgesBetween(() => true, (target) => target.startsWith("tests/") || target === "main.ts"), []);
  const exiting: string[] = [];
  for (const { path } of lib) {
    if (/\bDeno\.exit\b/.test(withoutComments(await Deno.readTextFile(new URL(path, ROOT))))) exiting.push(path);
  }
  assert.deepEqual(exiting, []);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
}
