import type { PasswordVerifier } from "./password_verifier.ts";
import { pathOf } from "./request_path.ts";
import { textResponse } from "./responses.ts";
import type { Handler } from "./routes.ts";

export interface Protection {
  /** Asked anew for every request, because it may change while the server runs. */
  readonly current: () => {
    readonly users: ReadonlyMap<string, string>;
    readonly headers: ReadonlyMap<string, string>;
  };
  readonly verifier: PasswordVerifier;
  /** Paths everybody may ask for; read anew for every request. */
  readonly excludedPaths: readonly string[];
}

interface Credentials {
  readonly user: string;
  readonly password: string;
}

const CHALLENGE = { "www-authenticate": 'Basic realm="prodigy-exporter", charset="UTF-8"' };
/** A user name and a password; bcrypt looks at 72 bytes of the latter only. */
const AUTHORIZATION_MAX_CHARACTERS = 1024;

/** A handler that asks for a password when there are users, and adds the configured headers. */
export function protect(handler: Handler, protection: Protection): Handler {
  const { current, verifier } = protection;
  async function admit(request: Request, users: ReadonlyMap<string, string>): Promise<Response | null> {
    if (users.size === 0 || protection.excludedPaths.includes(pathOf(request))) return null;
    const credentials = parseBasic(request.headers.get("authorization"));
    if (credentials === null) return textResponse(request, 401, "Unauthorized\n", CHALLENGE);
    const verdict = await verifier.verify(credentials.user, credentials.password, users);
    if (verdict === "right") return null;
    if (verdict === "busy") return textResponse(request, 503, "Busy\n", { "retry-after": "1" });
    return textResponse(request, 401, "Unauthorized\n", CHALLENGE);
  }

  return async (request, remote) => {
    const { users, headers } = current();
    const response = await admit(request, users) ?? await handler(request, remote);
    for (const [name, value] of headers) response.headers.set(name, value);
    return response;
  };
}

function parseBasic(header: string | null): Credentials | null {
  if (header === null || header.length > AUTHORIZATION_MAX_CHARACTERS) return null;
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header.trim()) ?? [];
  if (encoded === undefined) return null;
  const text = decodeBase64(encoded);
  const colon = text?.indexOf(":") ?? -1;
  return text === null || colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decodeBase64(encoded: string): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.fromBase64(encoded));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}
