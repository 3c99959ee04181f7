import { fromFileUrl } from "../file_url.ts";
import { type Markdown, parseMarkdown } from "./markdown.ts";

/** The repository, with a slash at its end. */
export const ROOT = fromFileUrl(new URL("../../../", import.meta.url));

export interface Document extends Markdown {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Everything written for people: Markdown at the root and below docs/, in order of path. */
export async function readDocuments(): Promise<readonly Document[]> {
  const paths = [...await markdownIn(""), ...await markdownIn("docs/"), ...await markdownIn("docs/runbooks/")];
  return await Promise.all(
    paths.sort().map(async (path) => {
      const text = await Deno.readTextFile(ROOT + path);
      return { path, text, ...parseMarkdown(text) };
    }),
  );
}

async function markdownIn(directory: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(ROOT + directory));
  return entries.filter(({ isFile, name }) => isFile && name.endsWith(".md")).map(({ name }) => directory + name);
}

const NOT_RUN = /^not run: (.{8,})$/;

/** Why a block is not run by a test; `null`: it is run. */
export function reasonNotRun(comment: string | null): string | null {
  return NOT_RUN.exec(comment ?? "")?.[1] ?? null;
}
