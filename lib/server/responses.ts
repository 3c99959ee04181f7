import { acceptsGzip } from "./negotiate.ts";
import type { RenderedBody } from "./rendered_body.ts";

/** On every answer: none of them is to be stored, or taken for another type than it says. */
const COMMON_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** Nobody may frame the page, or learn of it by a link. */
const HTML_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
};

type HeaderRecord = Readonly<Record<string, string>>;

export function textResponse(request: Request, status: number, text: string, headers: HeaderRecord = {}): Response {
  return bytesResponse(request, status, new TextEncoder().encode(text), {
    "content-type": "text/plain; charset=utf-8",
    ...headers,
  });
}

/** @param policy The content security policy. */
export function htmlResponse(request: Request, html: string, policy: string): Response {
  const headers = { ...HTML_HEADERS, "content-security-policy": policy };
  return bytesResponse(request, 200, new TextEncoder().encode(html), headers);
}

/** A body that is compressed for those who take it. */
export function bodyResponse(request: Request, body: RenderedBody, headers: HeaderRecord): Response {
  const zipped = acceptsGzip(request.headers.get("accept-encoding"));
  return bytesResponse(request, 200, zipped ? body.gzipped() : body.plain(), {
    ...headers,
    ...(zipped ? { "content-encoding": "gzip" } : {}),
    "vary": "Accept, Accept-Encoding",
  });
}

function bytesResponse(
  request: Request,
  status: number,
  bytes: Uint8Array<ArrayBuffer>,
  headers: HeaderRecord,
): Response {
  return new Response(request.method === "HEAD" ? null : bytes, {
    status,
    // The length is given here because an answer to HEAD has it without having the bytes.
    headers: { ...COMMON_HEADERS, ...headers, "content-length": String(bytes.length) },
  });
}
