import { append } from "./home.ts";
import { workflowEvents } from "./series.ts";

/** Writes the events of so many workflows, each with a name and some twenty series of its own. @returns how many lines. */
export function writeWorkflows(directory: string, count: number): number {
  const lines = Array.from({ length: count }, (_, number) => workflowEvents(number)).flat()
    .map((event, number) => JSON.stringify({ id: `workflow-event-${number}`, event }));
  append(`${directory}/events-1.jsonl`, lines.map((line) => `${line}\n`).join(""));
  return lines.length;
}
