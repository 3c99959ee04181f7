import { dirname } from "node:path";

/** Event lines as Prodigy writes them: compact, with an envelope, each with an id of its own. */
export function eventLine(event: Readonly<Record<string, unknown>>, timestamp: Date = new Date()): string {
  return JSON.stringify({
    id: crypto.randomUUID(),
    timestamp: timestamp.toISOString(),
    correlation_id: "794d3986-e7ef-4097-98af-e080c97ffbb4",
    event,
    metadata: { host: "localhost", pid: 24215, thread: "tokio-rt-worker" },
  }) + "\n";
}

/** The cheapest line that counts: `prodigy_checkpoints_created_total` is how many there were. */
export function checkpointLines(count: number): string {
  let lines = "";
  for (let version = 0; version < count; version++) {
    lines += eventLine({ event_type: "checkpoint_created", job_id: "job-1", version, agents_completed: version });
  }
  return lines;
}

/** Appends as O_APPEND writers do, making the directory when it is not there. */
export function append(path: string, text: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  using file = Deno.openSync(path, { append: true, create: true });
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  while (offset < bytes.length) offset += file.writeSync(bytes.subarray(offset));
}
