import { authorityProblem, certificateProblem } from "./check_certificates.ts";
import { parseWebConfig } from "./parse.ts";
import { readWebConfigText } from "./read_text.ts";
import { type PemSource, type TlsConfig, type WebConfig, WebConfigError } from "./web_config.ts";

/** A TLS configuration with its files read. */
export interface TlsMaterial extends Omit<TlsConfig, "cert" | "key" | "clientCa"> {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | null;
}

export interface LoadedWebConfig extends Omit<WebConfig, "tls"> {
  readonly tls: TlsMaterial | null;
}

/**
 * A web configuration file and the files it names, read again when one of them changes. Files that cannot be used
 * leave what was read before in force.
 */
export class WatchedWebConfig {
  readonly #path: string;
  readonly #readText: (path: string) => string;
  #current: LoadedWebConfig;
  #files: readonly string[] = [];
  #signature = "";
  #problem: string | null = null;

  /** @throws {WebConfigError} */
  constructor(path: string, readText: (path: string) => string = readWebConfigText) {
    this.#path = path;
    this.#readText = readText;
    this.#current = this.#read();
  }

  get current(): LoadedWebConfig {
    return this.#current;
  }

  /** Why the files as they are now cannot be used; `null` when they are in force. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Reads again if something changed. Returns whether `current` is new. */
  look(): boolean {
    if (this.#sign() === this.#signature) return false;
    try {
      this.#current = this.#read();
      this.#problem = null;
      return true;
    } catch (error) {
      if (!(error instanceof WebConfigError)) throw error;
      this.#problem = error.message;
      return false;
    }
  }

  /** The signature is of before the reading, so that the next look sees what is changed meanwhile. */
  #read(): LoadedWebConfig {
    let files: readonly string[];
    let loaded: LoadedWebConfig;
    do {
      files = this.#files;
      this.#signature = this.#sign();
      loaded = this.#load();
      // Files it did not know of before are not in the signature yet.
    } while (this.#files.join("\n") !== files.join("\n"));
    return loaded;
  }

  #load(): LoadedWebConfig {
    const files = [this.#path];
    const read = (source: PemSource): string => {
      if ("pem" in source) return source.pem;
      files.push(source.file);
      return this.#readText(source.file);
    };
    try {
      const { tls, ...rest } = parseWebConfig(this.#readText(this.#path), directoryOf(this.#path));
      if (tls === null) return { ...rest, tls };
      return { ...rest, tls: checked({ ...tls, ...readAll(tls, read) }) };
    } finally {
      // Also when it failed: the cure may be a change of any of them.
      this.#files = [...new Set([...files, ...this.#files])].slice(0, MAX_FILES);
    }
  }

  /** What changes when a file is written, replaced, or reached by another symbolic link. */
  #sign(): string {
    return this.#files.map((file) => {
      try {
        const { mtime, size, ino, dev } = Deno.statSync(file);
        return `${mtime?.getTime()} ${size} ${ino} ${dev}`;
      } catch (error) {
        return error instanceof Error ? error.name : String(error);
      }
    }).join("\n");
  }
}

function readAll(
  { cert, key, clientCa }: TlsConfig,
  read: (source: PemSource) => string,
): Pick<TlsMaterial, "cert" | "key" | "clientCa"> {
  return { cert: read(cert), key: read(key), clientCa: clientCa === null ? null : read(clientCa) };
}

function checked(tls: TlsMaterial): TlsMaterial {
  const problem = certificateProblem(tls.cert, tls.key) ??
    (tls.clientCa === null ? null : authorityProblem(tls.clientCa));
  if (problem !== null) throw new WebConfigError([problem]);
  return tls;
}

/** The configuration, and certificate, key and CA of it and of the one before. */
const MAX_FILES = 7;

function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, Math.max(slash, 1));
}
