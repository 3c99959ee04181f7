import { textResponse } from "./responses.ts";

/** What came of reading the configuration anew, in the names of options alone. */
export type ReloadOutcome =
  | { readonly kind: "reloaded"; readonly changed: readonly string[]; readonly needRestart: readonly string[] }
  | { readonly kind: "refused"; readonly problems: number };

/**
 * The answer to `POST /-/reload`.
 * @param reload `null`: it is not enabled.
 */
export function reloadResponse(request: Request, reload: (() => ReloadOutcome) | null): Response {
  if (reload === null) return textResponse(request, 403, "Not enabled: see server.reload_enabled.\n");
  // A web page can make its reader's browser post to any address, but not without saying so.
  if (isFromElsewhere(request)) return textResponse(request, 403, "Not from another site.\n");
  const outcome = reload();
  // The problems may show paths and values, and who may reload need not be who may read the log.
  if (outcome.kind === "refused") {
    const problems = outcome.problems === 1 ? "1 problem" : `${outcome.problems} problems`;
    return textResponse(request, 422, `Not reloaded: ${problems}, which the log tells.\n`);
  }
  const lines = [
    "Reloaded.",
    ...outcome.changed.map((key) => `changed: ${key}`),
    ...outcome.needRestart.map((key) => `needs a restart: ${key}`),
  ];
  return textResponse(request, 200, `${lines.join("\n")}\n`);
}

function isFromElsewhere(request: Request): boolean {
  const origin = request.headers.get("origin");
  return origin !== null && (!URL.canParse(origin) || new URL(origin).host !== new URL(request.url).host);
}
