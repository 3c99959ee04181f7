import { parseWebConfig } from "./parse.ts";
import { readWebConfigText } from "./read_text.ts";

/** Whether a web configuration file asks for TLS; its certificates and keys are not read. @throws {WebConfigError} */
export function servesTls(path: string): boolean {
  return parseWebConfig(readWebConfigText(path), "/").tls !== null;
}
