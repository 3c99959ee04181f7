import { eventLine } from "../tests/support/event_lines.ts";
import type { SimulatedMessage, SimulatedTool } from "../tests/support/claude_documents.ts";
import type { RunSimulator } from "../tests/support/run_simulator.ts";

/** What the actors of the scenario need: a Prodigy to work with, time, and chance. */
export interface Stage {
  readonly prodigy: RunSimulator;
  /** @param seconds of the scenario's time. Rejects when the demo ends. */
  wait(seconds: number): Promise<void>;
  /** From 0 up to, but without, 1. */
  readonly random: () => number;
  /** Writes an event line, as a hook in a workflow does. */
  tell(event: Readonly<Record<string, unknown>>): void;
}

export function pick<T>({ random }: Stage, from: readonly [T, ...T[]]): T {
  return from[Math.floor(random() * from.length)] ?? from[0];
}

export function between({ random }: Stage, least: number, most: number): number {
  return least + random() * (most - least);
}

export function happens({ random }: Stage, oneIn: number): boolean {
  return random() < 1 / oneIn;
}

const TOOLS = ["Read", "Edit", "Bash", "Grep", "Write", "Task", "mcp__github__get_issue"] as const;

/** One answer of Claude: some thousand tokens of context, some hundred of its own, a tool or two. */
export function answer(stage: Stage, model: string): SimulatedMessage {
  const tool = (): SimulatedTool => ({ id: `toolu_${crypto.randomUUID()}`, name: pick(stage, TOOLS) });
  const tools = happens(stage, 3) ? [tool(), tool()] : [tool()];
  return {
    id: `msg_${crypto.randomUUID()}`,
    model,
    tools,
    usage: {
      inputTokens: Math.round(between(stage, 3, 40)),
      outputTokens: Math.round(between(stage, 60, 900)),
      cacheReadTokens: Math.round(between(stage, 8_000, 40_000)),
      cacheCreationTokens: Math.round(between(stage, 200, 3_000)),
    },
  };
}

/** Appends event lines to a file of their own below `events`. */
export function createTeller(eventsDirectory: string): Stage["tell"] {
  const directory = `${eventsDirectory}/demo-app/hooks`;
  return (event) => {
    Deno.mkdirSync(directory, { recursive: true });
    Deno.writeTextFileSync(`${directory}/events.jsonl`, eventLine(event), { append: true });
  };
}
