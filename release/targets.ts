/** What is released, by the names Deno's compiler has for them. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
] as const;
export type Target = (typeof TARGETS)[number];

/** The Deno that builds and goes into the executables; another one would make other bytes. */
export const DENO_VERSION = "2.9.6";

export function isTarget(text: string): text is Target {
  return TARGETS.some((target) => target === text);
}

export function executableName(target: string): string {
  return `prodigy-exporter-${target}`;
}
