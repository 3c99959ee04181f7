/**
 * Cheap looks at a line's text that spare parsing most lines: prompts, tool results and other people's sessions. They
 * may let a line through that does not count; decoding finds out.
 */
export function mayCount(line: string, isStream: boolean): boolean {
  return line.includes('"assistant"') || (isStream && (line.includes('"result"') || line.includes('"init"')));
}

const CWD = /^"cwd"\s*:\s*("(?:[^"\\]|\\.)*")/;
const MAX_CWD_LENGTH = 4096;

/**
 * The working directory of a line that is not worth parsing: the first one in its text, as Claude Code writes it
 * before the message. `null` when there is none.
 */
export function findCwd(line: string): string | null {
  const start = line.indexOf('"cwd"');
  if (start === -1) return null;
  const quoted = CWD.exec(line.slice(start, start + MAX_CWD_LENGTH))?.[1];
  if (quoted === undefined) return null;
  try {
    const cwd: unknown = JSON.parse(quoted);
    return typeof cwd === "string" ? cwd : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
