import { textResponse } from "./responses.ts";

/** Longer request targets and headers are turned away; no client of an exporter needs them. */
const URL_MAX_CHARACTERS = 8192;
const HEADERS_MAX_CHARACTERS = 16_384;

/**
 * The answer to a request that is not to be looked at: too long, without a usable Host, or with a Host that is not
 * ours, which is how a web page reaches servers of its reader's network (DNS rebinding). `null` for all others.
 * @param allowedHosts Lower-case names without ports; an empty list allows every name.
 */
export function turnAway(request: Request, allowedHosts: readonly string[]): Response | null {
  if (request.url.length > URL_MAX_CHARACTERS) return textResponse(request, 414, "URI too long.\n");
  let headerCharacters = 0;
  request.headers.forEach((value, name) => headerCharacters += name.length + value.length);
  if (headerCharacters > HEADERS_MAX_CHARACTERS) return textResponse(request, 431, "Header fields too large.\n");
  const url = URL.parse(request.url);
  if (url === null) return textResponse(request, 400, "Bad request.\n");
  if (allowedHosts.length > 0 && !allowedHosts.includes(url.hostname)) {
    return textResponse(request, 421, "This name is not served here.\n");
  }
  return null;
}
