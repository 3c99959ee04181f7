import type { EventRecord } from "../event/record.ts";

/**
 * The record with strings of its own. Where lines are read in blocks, an id is cut out of its block and keeps all of
 * that in memory as long as it waits: a short id up to a quarter of a megabyte.
 */
export function ownRecord(record: EventRecord): EventRecord {
  const { id, timestamp, event } = record;
  return {
    ...record,
    id: id === null ? null : ownText(id),
    timestamp: timestamp === null ? null : ownText(timestamp),
    event: event.type === "claude_tool_invoked" && event.toolId !== null
      ? { ...event, toolId: ownText(event.toolId) }
      : event,
  };
}

/** A copy, which JavaScript has no word for: cutting a text that was just joined makes V8 write it out first. */
function ownText(text: string): string {
  return `${text}\n`.slice(0, -1);
}
