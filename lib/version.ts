/** Version of the program; deno.json has the same, which a test holds. */
export const VERSION = "0.1.0";

/** The commit the program was built from, and that commit's day: `deno task compile` writes them into its bundle. */
export const COMMIT: string = "unknown";
export const COMMIT_DATE: string = "unknown";

/** What `--version` prints. */
export function describeVersion(denoVersion: string): string {
  const revision = COMMIT === "unknown" ? "" : `commit ${COMMIT}, ${COMMIT_DATE}, `;
  return `prodigy-exporter ${VERSION} (${revision}deno ${denoVersion})\n`;
}
