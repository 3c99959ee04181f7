/**
 * Kinds of Claude errors. A closed set: they become label values.
 *
 * The first group are failures of the API or the account, named as Claude Code's SDK and the API name them; the second
 * are a session's own ends, the subtypes of its result line. `unknown` has no name, `other` one that is not listed here.
 */
export const CLAUDE_ERROR_TYPES = [
  "authentication_failed",
  "billing_error",
  "connection_error",
  "invalid_request",
  "max_output_tokens",
  "overloaded",
  "permission_denied",
  "rate_limit",
  "server_error",
  "timeout",
  "unknown",
  "other",

  "error_during_execution",
  "error_max_budget_usd",
  "error_max_structured_output_retries",
  "error_max_turns",
] as const;
export type ClaudeErrorType = (typeof CLAUDE_ERROR_TYPES)[number];

/** How a Claude session ends: `success`, `error` (an API or account failure), or the limit it ran into. Closed. */
export const CLAUDE_SESSION_STATUSES = [
  "success",
  "error",
  "error_during_execution",
  "error_max_budget_usd",
  "error_max_structured_output_retries",
  "error_max_turns",
  "other",
] as const;
export type ClaudeSessionStatus = (typeof CLAUDE_SESSION_STATUSES)[number];

const SYNONYMS: Readonly<Record<string, ClaudeErrorType>> = {
  api_error: "server_error",
  authentication_error: "authentication_failed",
  invalid_request_error: "invalid_request",
  not_found_error: "invalid_request",
  overloaded_error: "overloaded",
  permission_error: "permission_denied",
  rate_limit_error: "rate_limit",
  request_too_large: "invalid_request",
  timeout_error: "timeout",
};

/** Names an error by the type its line states; an unlisted one is `other`. */
export function errorTypeOfName(name: string): ClaudeErrorType {
  return CLAUDE_ERROR_TYPES.find((type) => type === name) ??
    (Object.hasOwn(SYNONYMS, name) ? SYNONYMS[name] : undefined) ?? "other";
}

/** Phrases of Claude Code's messages that carry neither a type nor a status code. */
const PHRASES: readonly (readonly [RegExp, ClaudeErrorType])[] = [
  [/credit balance|billing/i, "billing_error"],
  [/invalid api key|please run \/login|oauth token|authentication/i, "authentication_failed"],
  [/(?:usage|rate|session|weekly) limit|hit your limit/i, "rate_limit"],
  [/overloaded/i, "overloaded"],
  [/output token maximum|max_output_tokens/i, "max_output_tokens"],
  [/prompt is too long|request too large/i, "invalid_request"],
  [/timed? ?out/i, "timeout"],
  [/connection error|unable to connect|econn|fetch failed|socket/i, "connection_error"],
];
/** Error texts are short; what follows may be anything. */
const TEXT_LENGTH = 2_000;

/** Names an error by the text Claude Code shows, such as `API Error: 529 {"type":"error","error":{"type":…}}`. */
export function errorTypeOfText(text: string): ClaudeErrorType {
  const start = text.slice(0, TEXT_LENGTH);
  const stated = /"type"\s*:\s*"([a-z_]+_error|request_too_large)"/.exec(start)?.[1];
  if (stated !== undefined) return errorTypeOfName(stated);
  const code = /\b(?:API Error|status(?: code)?|HTTP)\b\D{0,10}(\d{3})\b/i.exec(start)?.[1];
  if (code !== undefined) return errorTypeOfStatus(Number(code));
  return PHRASES.find(([phrase]) => phrase.test(start))?.[1] ?? "unknown";
}

function errorTypeOfStatus(code: number): ClaudeErrorType {
  const byCode: Readonly<Record<number, ClaudeErrorType>> = {
    401: "authentication_failed",
    402: "billing_error",
    403: "permission_denied",
    408: "timeout",
    429: "rate_limit",
    504: "timeout",
    529: "overloaded",
  };
  return byCode[code] ?? (code >= 500 ? "server_error" : code >= 400 ? "invalid_request" : "unknown");
}

/**
 * Names how a session ended. `is_error` means "error" whatever the subtype, as an API failure
 * can carry the subtype "success"; what kind of error it was is counted by its `claude_error`.
 */
export function sessionStatusOf(subtype: string | null, isError: boolean): ClaudeSessionStatus {
  return isError ? "error" : CLAUDE_SESSION_STATUSES.find((status) => status === subtype) ?? "other";
}
