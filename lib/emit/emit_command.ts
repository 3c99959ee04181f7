import { appendLines } from "./append_lines.ts";
import { type EmitRequest, type EmitTarget, parseEmitArgs } from "./emit_args.ts";
import { buildEventLine, type EventLineDeps, eventTypes } from "./event_line.ts";
import { type Delivery, sendLines } from "./send_lines.ts";
import { readEventLines } from "./stdin_lines.ts";

const DELIVERED = 0;
const NOT_DELIVERED = 1;
const REFUSED = 2;
/** Refused lines of standard input told one by one; the rest only as a number. */
const REFUSED_TOLD = 10;

export interface EmitDeps extends EventLineDeps {
  /** The configured socket, for when none is given. */
  readonly socketPath: string;
  readonly lineMaxBytes: number;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
}

/**
 * `prodigy-exporter emit`: sends one event made of flags, or the lines of standard input, to the exporter's socket, or
 * appends them to a file.
 *
 * @param args what follows `emit`.
 * @returns the exit code: 0 all was received, 1 it could not be delivered, 2 something was refused here.
 */
export async function runEmit(args: readonly string[], deps: EmitDeps): Promise<number> {
  const request = parseEmitArgs(args);
  if ("problem" in request) {
    deps.printError(`emit: ${request.problem}. See prodigy-exporter emit --help`);
    return REFUSED;
  }
  if (request.kind === "help") {
    deps.print(describeEmit());
    return DELIVERED;
  }
  try {
    return request.kind === "event" ? await emitEvent(request, deps) : await emitStdin(request, deps);
  } catch (error) {
    // Whatever the socket or the file did; the message names it.
    deps.printError(`emit: ${error instanceof Error ? error.message : String(error)}`);
    return NOT_DELIVERED;
  }
}

async function emitEvent(request: EmitRequest & { readonly kind: "event" }, deps: EmitDeps): Promise<number> {
  const built = buildEventLine(request.eventType, request.fields, deps);
  if ("problem" in built) {
    deps.printError(`emit: ${built.problem}`);
    return REFUSED;
  }
  await deliver(request.target, request.timeoutMs, blocksOf(built.line), deps);
  return DELIVERED;
}

async function emitStdin(request: EmitRequest & { readonly kind: "stdin" }, deps: EmitDeps): Promise<number> {
  let refused = 0;
  const blocks = readEventLines(deps.stdin, {
    lineMaxBytes: deps.lineMaxBytes,
    onRefused: ({ lineNumber, reason, detail }) => {
      refused += 1;
      if (refused > REFUSED_TOLD) return;
      deps.printError(`emit: line ${lineNumber} was not sent: ${reason}${detail === "" ? "" : ` (${detail})`}`);
    },
  });
  await deliver(request.target, request.timeoutMs, blocks, deps);
  if (refused > REFUSED_TOLD) deps.printError(`emit: ${refused} lines were not sent`);
  return refused === 0 ? DELIVERED : REFUSED;
}

/** @throws {Error} when not all lines were received. */
async function deliver(
  target: EmitTarget,
  timeoutMs: number,
  blocks: AsyncIterable<readonly string[]>,
  deps: EmitDeps,
): Promise<void> {
  if (target.kind === "file") {
    await appendLines(target.path, blocks);
    return;
  }
  let sent = 0;
  let delivered: Delivery = { accepted: 0, durable: true };
  try {
    delivered = await sendLines(target.path ?? deps.socketPath, counted(blocks, (lines) => sent += lines), {
      timeoutMs,
      onBlock: (delivery) => delivered = delivery,
    });
  } catch (error) {
    if (sent > 1) deps.printError(`emit: ${delivered.accepted} lines were received before this:`);
    throw error;
  }
  if (delivered.accepted < sent) {
    throw new Error(`The exporter took ${delivered.accepted} of ${sent} lines; the others are longer than it allows`);
  }
  if (!delivered.durable) deps.printError("emit: received, but the exporter has no journal: a crash could lose it");
}

async function* counted(
  blocks: AsyncIterable<readonly string[]>,
  onSent: (lines: number) => void,
): AsyncIterable<readonly string[]> {
  for await (const lines of blocks) {
    onSent(lines.length);
    yield lines;
  }
}

async function* blocksOf(line: string): AsyncIterable<readonly string[]> {
  yield await Promise.resolve([line]);
}

function describeEmit(): string {
  return `Usage: prodigy-exporter emit <event_type> [--<field> <value>]...
       prodigy-exporter emit --stdin

Sends one event, or one JSON line per event from standard input, to the running exporter.

  --socket <path>      the exporter's socket, if not the configured one
  --file <path>        append to this file instead
  --timeout <seconds>  how long to wait for the exporter (5)

The flags of prodigy-exporter --help (--config, --socket-path, ...) may stand before or
after emit.

Fields are the event's own (--workflow-id, --status, --duration in seconds, ...), and
--id, --timestamp, --correlation-id, which are made up when not given. Only a field that
is true or false may stand without a value: --on-failure-recovered.

Exit code: 0 received, 1 not delivered, 2 refused.

Event types: ${eventTypes().join(" ")}`;
}
