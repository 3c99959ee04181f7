/** One connected client, as Deno's own connections are. */
export interface SocketPeer {
  /** The number of bytes put into `buffer`, or `null` at the end. Rejects after a reset or `close`. */
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  /** May be called once. */
  close(): void;
}

/** Where clients come from: a socket we made, or one the service manager handed us. */
export interface SocketListener {
  accept(): Promise<SocketPeer>;
  /** One line for a person when no client can reach it any more, else `null`. */
  findProblem(): string | null;
  close(): void;
}

export type OpenedListener =
  | { readonly kind: "listening"; readonly listener: SocketListener }
  /** Do not start: what was configured cannot be had. */
  | { readonly kind: "refused"; readonly problem: string };
