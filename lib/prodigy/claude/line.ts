import {
  type ClaudeErrorType,
  type ClaudeSessionStatus,
  errorTypeOfName,
  errorTypeOfText,
  sessionStatusOf,
} from "./error_type.ts";
import { amountAt, type Fields, isFields, objectAt, textAt } from "./fields.ts";
import { readResultTotals, type ResultTotals } from "./result_totals.ts";
import { isZeroUsage, readApiUsage, type TokenUsage } from "./usage.ts";

/** A line of a saved stream or a transcript, reduced to numbers and names: no prompts, inputs or texts. */
export type ClaudeLine = AssistantLine | InitLine | ResultLine;

interface LineOrigin {
  readonly sessionId: string | null;
  readonly cwd: string | null;
  /** RFC 3339; only transcripts have it. */
  readonly timestamp: string | null;
}

/** One block of one API response; all blocks of a response carry the same `messageId`. */
export interface AssistantLine extends LineOrigin {
  readonly kind: "assistant";
  readonly messageId: string | null;
  readonly model: string | null;
  /** `null` when nothing was used, as in messages Claude Code made up itself. */
  readonly usage: TokenUsage | null;
  readonly tools: readonly ToolUse[];
  readonly errorType: ClaudeErrorType | null;
}

export interface ToolUse {
  readonly id: string | null;
  readonly name: string;
}

/** First line of a stream. */
export interface InitLine extends LineOrigin {
  readonly kind: "init";
  readonly model: string | null;
}

/** Last line of a stream. */
export interface ResultLine extends LineOrigin {
  readonly kind: "result";
  readonly status: ClaudeSessionStatus;
  readonly errorType: ClaudeErrorType | null;
  /** The error was one of the API, so an assistant line has reported it already, if there was one. */
  readonly isApiError: boolean;
  /** The same in every copy of the line, and in no other; `null` when the line does not tell. */
  readonly resultId: string | null;
  readonly durationSeconds: number | null;
  readonly totals: ResultTotals;
}

/** Claude Code's name for messages that no model wrote. */
const SYNTHETIC = "<synthetic>";

/** @returns `null` for lines that tell nothing countable, and for what is not JSON (a stream is raw standard output). */
export function decodeClaudeLine(text: string): ClaudeLine | null {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (!isFields(line)) return null;
  const origin = {
    sessionId: textAt(line, "sessionId") ?? textAt(line, "session_id"),
    cwd: textAt(line, "cwd"),
    timestamp: timestampAt(line),
  };
  if (line["type"] === "assistant") return { ...origin, ...decodeAssistant(line) };
  if (line["type"] === "result") return { ...origin, ...decodeResult(line, origin.sessionId) };
  if (line["type"] === "system" && line["subtype"] === "init") {
    return { ...origin, kind: "init", model: textAt(line, "model") };
  }
  return null;
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

function timestampAt(line: Fields): string | null {
  const timestamp = textAt(line, "timestamp");
  return timestamp !== null && TIMESTAMP.test(timestamp) && !Number.isNaN(Date.parse(timestamp)) ? timestamp : null;
}

function decodeAssistant(line: Fields): Omit<AssistantLine, keyof LineOrigin> {
  const message = objectAt(line, "message");
  const model = textAt(message, "model");
  const blocks = contentOf(message);
  const usage = model === SYNTHETIC ? null : readApiUsage(objectAt(message, "usage"));
  return {
    kind: "assistant",
    messageId: textAt(message, "id") ?? textAt(line, "requestId") ?? textAt(line, "uuid"),
    model: model === SYNTHETIC ? null : model,
    usage: usage === null || isZeroUsage(usage) ? null : usage,
    tools: blocks.flatMap((block) => {
      const name = block["type"] === "tool_use" ? textAt(block, "name") : null;
      return name === null ? [] : [{ id: textAt(block, "id"), name }];
    }),
    errorType: errorTypeOf(line, blocks),
  };
}

function contentOf(message: Fields): readonly Fields[] {
  const content = message["content"];
  return Array.isArray(content) ? content.filter(isFields) : [];
}

/** The stated type wins over what the text says, unless it is "unknown" or not listed. */
function errorTypeOf(line: Fields, blocks: readonly Fields[]): ClaudeErrorType | null {
  const stated = textAt(line, "error");
  const named = stated === null ? "unknown" : errorTypeOfName(stated);
  if (named !== "unknown" && named !== "other") return named;
  if (stated === null && line["isApiErrorMessage"] !== true) return null;
  const text = blocks.find((block) => typeof block["text"] === "string")?.["text"];
  const told = errorTypeOfText(typeof text === "string" ? text : "");
  return told === "unknown" ? named : told;
}

function decodeResult(line: Fields, sessionId: string | null): Omit<ResultLine, keyof LineOrigin> {
  const isError = line["is_error"] === true;
  const subtype = textAt(line, "subtype");
  const isOwnEnd = subtype !== null && subtype.startsWith("error_");
  const text = line["result"];
  const durationMs = amountAt(line, "duration_ms");
  return {
    kind: "result",
    status: sessionStatusOf(subtype, isError),
    errorType: isOwnEnd
      ? errorTypeOfName(subtype)
      : isError
      ? errorTypeOfText(typeof text === "string" ? text : "")
      : null,
    isApiError: !isOwnEnd,
    resultId: resultIdOf(line, sessionId),
    durationSeconds: durationMs === null ? null : durationMs / 1000,
    totals: readResultTotals(line),
  };
}

/**
 * By the line's own id. Older versions write none: there the figures tell, as no two commands of one session take the
 * same milliseconds and cost the same.
 */
function resultIdOf(line: Fields, sessionId: string | null): string | null {
  const uuid = textAt(line, "uuid");
  if (uuid !== null) return uuid;
  if (sessionId === null || amountAt(line, "duration_ms") === null) return null;
  const figures = ["duration_ms", "duration_api_ms", "num_turns", "total_cost_usd"].map((key) => amountAt(line, key));
  return [sessionId, ...figures].join(" ");
}
