/**
 * What any program in this language must do to know what is in a file of JSON lines: read, decode, split, JSON.parse.
 * @returns the number of lines.
 */
export function readSplitParse(path: string): number {
  using file = Deno.openSync(path);
  const buffer = new Uint8Array(256 * 1024);
  const decoder = new TextDecoder();
  let lines = 0;
  let rest = "";
  for (let length = file.readSync(buffer); length !== null; length = file.readSync(buffer)) {
    const parts = (rest + decoder.decode(buffer.subarray(0, length), { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) {
      if (parse(line) !== undefined) lines++;
    }
  }
  return lines;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Bad lines are part of the stream.
    return null;
  }
}

if (import.meta.main) {
  // deno-lint-ignore no-console -- for bench/peers.ts, which runs this as a process of its own
  console.log(readSplitParse(Deno.args[0] ?? ""));
}
