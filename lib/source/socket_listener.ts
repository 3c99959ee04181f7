import { dirname } from "node:path";
import type { OpenedListener, SocketListener } from "./socket_peer.ts";

const PERMISSION_BITS = 0o777;

export interface SocketAddress {
  readonly path: string;
  /** Permission bits, such as 0o660: who may connect must be able to write. */
  readonly mode: number;
  /** Name or number of the group that owns the socket; `null` leaves the one of the process. */
  readonly group: string | null;
}

/**
 * Listens on a Unix stream socket. What a dead process left at the path is removed, when it is proven to be that: a
 * socket, to which connecting is refused. Anything else there is left alone and refused.
 *
 * Until its mode is set, for some microseconds, the socket has that of the umask.
 */
export async function openSocketListener(address: SocketAddress): Promise<OpenedListener> {
  const { path, mode, group } = address;
  try {
    const obstacle = await removeStaleSocket(path);
    if (obstacle !== null) return refused(path, obstacle);
    const groupId = group === null ? null : findGroupId(group);
    if (groupId === undefined) return refused(path, `there is no group "${group}" in /etc/group; give its number`);
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o755 });
    return { kind: "listening", listener: listen(path, mode & PERMISSION_BITS, groupId) };
  } catch (error) {
    return refused(path, error instanceof Error ? error.message : String(error));
  }
}

function listen(path: string, mode: number, groupId: number | null): SocketListener {
  const listener = Deno.listen({ transport: "unix", path });
  try {
    if (groupId !== null) Deno.chownSync(path, null, groupId);
    Deno.chmodSync(path, mode);
    const made = Deno.lstatSync(path);
    return {
      accept: () => listener.accept(),
      findProblem: () => {
        const found = lstatOrNull(path);
        if (found !== null && found.ino === made.ino && found.dev === made.dev) return null;
        return `The socket ${path} was removed or replaced: no client can connect until a restart`;
      },
      close: () => listener.close(),
    };
  } catch (error) {
    listener.close();
    throw error;
  }
}

/** What stands in the way at `path`, or `null` when the way is free. */
async function removeStaleSocket(path: string): Promise<string | null> {
  const found = lstatOrNull(path);
  if (found === null) return null;
  if (!found.isSocket) return "the file there is not a socket; move it away, or set another socket.path";
  try {
    const live = await Deno.connect({ transport: "unix", path });
    live.close();
    return "another process is listening there; stop it, or set another socket.path";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    // Only a refusal proves that nobody listens: a full backlog or a missing right look different.
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
  }
  removeIfSame(path, found);
  return null;
}

/** Somebody else may have put a live socket there while we were connecting. */
function removeIfSame(path: string, { dev, ino }: Deno.FileInfo): void {
  const found = lstatOrNull(path);
  if (found?.dev === dev && found.ino === ino) Deno.removeSync(path);
}

/** The number of a group given by name or number, or `undefined` when the system does not know the name. */
function findGroupId(group: string): number | undefined {
  return /^\d+$/.test(group) ? Number(group) : parseGroupId(Deno.readTextFileSync("/etc/group"), group);
}

/** Finds a group in the text of /etc/group (`name:password:number:members`). */
export function parseGroupId(groupFile: string, name: string): number | undefined {
  const row = groupFile.split("\n").find((line) => line.startsWith(`${name}:`));
  const digits = row?.split(":")[2];
  return digits !== undefined && /^\d+$/.test(digits) ? Number(digits) : undefined;
}

function lstatOrNull(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function refused(path: string, why: string): OpenedListener {
  return { kind: "refused", problem: `Cannot listen on the socket ${path}: ${why}` };
}
