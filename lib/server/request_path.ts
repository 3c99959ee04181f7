/** The path without a trailing slash; `""`, which is no path, when the request's target is none. */
export function pathOf(request: Request): string {
  const pathname = URL.parse(request.url)?.pathname ?? "";
  return pathname.length > 1 ? pathname.replace(/\/$/, "") : pathname;
}
