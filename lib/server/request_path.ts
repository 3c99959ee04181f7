/** The path without a trailing slash; `""`, which is no path, when the request's target is none. */
export function pathOf(request: Request): string {
  if (!URL.canParse(request.url)) return "";
  const { pathname } = new URL(request.url);
  return pathname.length > 1 ? pathname.replace(/\/$/, "") : pathname;
}
