import { fromFileUrl } from "./file_url.ts";
import { type Program, type ProgramOptions, startProgram } from "./program.ts";
import { createScratch } from "./scratch.ts";

const CERTIFICATES = fromFileUrl(new URL("./data/tls", import.meta.url));

/** For a web configuration beside the certificates. */
export const TLS = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";

/** The running program behind a web configuration, with certificates beside it. */
export interface Door extends AsyncDisposable {
  readonly program: Program;
  /** Where it answers over TLS, by a name its certificate has. */
  readonly url: string;
  path(file: string): string;
  /** Replaces a file in one step, as every tool that renews certificates does. */
  write(file: string, text: string): void;
}

export async function openDoor(webConfig: string, options: Partial<ProgramOptions> = {}): Promise<Door> {
  const scratch = createScratch();
  const path = (file: string): string => `${scratch.path}/${file}`;
  const write = (file: string, text: string): void => {
    Deno.writeTextFileSync(path("new"), text);
    Deno.renameSync(path("new"), path(file));
  };
  for await (const { name } of Deno.readDir(CERTIFICATES)) await Deno.copyFile(`${CERTIFICATES}/${name}`, path(name));
  write("web.yml", webConfig);
  const program = await startProgram({
    home: scratch.path,
    ...options,
    args: ["--web-config-file", path("web.yml"), ...options.args ?? []],
  });
  return {
    program,
    url: `https://localhost:${program.port}`,
    path,
    write,
    async [Symbol.asyncDispose](): Promise<void> {
      await program[Symbol.asyncDispose]();
      scratch[Symbol.dispose]();
    },
  };
}

export function readCertificate(file: string): string {
  return Deno.readTextFileSync(`${CERTIFICATES}/${file}`);
}

/** Trusts the test's authority, asks over a new connection each time, and shows a certificate if it is given one. */
export function tlsClient(identity: string | null = null): Deno.HttpClient {
  return Deno.createHttpClient({
    caCerts: [readCertificate("authority.pem")],
    poolMaxIdlePerHost: 0,
    ...identity === null ? {} : { cert: readCertificate(`${identity}.pem`), key: readCertificate(`${identity}.key`) },
  });
}

export function basic(credentials: string): Readonly<Record<string, string>> {
  return { authorization: `Basic ${btoa(credentials)}` };
}

export async function statusOf(
  url: string,
  init: RequestInit & { readonly client?: Deno.HttpClient },
): Promise<number> {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
}
