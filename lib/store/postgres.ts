import type { Socket } from "node:net";
import postgres from "postgres";
import type { Connection, Query } from "./connection.ts";
import { type DatabaseAddress, describeAddress, serverPlaces } from "./database_url.ts";
import { connectionFault, faultOf, type StoreFault } from "./fault.ts";
import { connectSocket } from "./server_socket.ts";
import type { RawRow } from "./table_sql.ts";

export interface ClientOptions {
  readonly address: DatabaseAddress;
  /** Certificate authorities in PEM; `null`: the system's. */
  readonly caPem: string | null;
  /** Longest time for a query or transaction that names no other. */
  readonly timeoutMs: number;
}

export interface Client extends Connection {
  /** The connection is gone: the client is of no use any more. */
  readonly isLost: boolean;
  close(): Promise<void>;
}

/** The driver's types do not know of `socket`. */
interface DriverOptions extends postgres.Options<Record<never, never>> {
  readonly socket: () => Promise<Socket>;
}

/** A client that dies in a transaction must not keep the writers' lock. */
const IDLE_IN_TRANSACTION = "15s";
const LOCK_TIMEOUT = "10s";
const CONNECT_SECONDS = 10;
const CLOSE_SECONDS = 1;

/**
 * One connection, made with the first query; when it is lost it stays lost. The driver's own ways to connect again, to
 * share connections and to hold transactions are not used (3.4.9): what it is given after a connection was closed it
 * writes to a socket that is gone, in a callback where nobody can catch the error; what it is given while one is closing
 * it may never answer; and a server that closes each connection at once it asks again hundreds of times a second.
 */
export function openClient({ address, caPem, timeoutMs }: ClientOptions): Client {
  const where = describeAddress(address);
  const closing = new AbortController();
  const { promise: lost, reject: fail } = Promise.withResolvers<never>();
  // Who asks is told.
  lost.catch(() => {});
  let isLost = false;
  let isSocketMade = false;

  function lose(): StoreFault {
    isLost = true;
    const fault = connectionFault("CONNECTION_CLOSED", where);
    fail(fault);
    return fault;
  }

  const options: DriverOptions = {
    // Of several hosts the driver would take a first failure for the way to the next.
    host: "localhost",
    socket: () => {
      if (isLost || isSocketMade) throw lose();
      isSocketMade = true;
      return connectSocket(serverPlaces(address), CONNECT_SECONDS * 1000, closing.signal);
    },
    database: address.database,
    username: address.user,
    password: address.password ?? "",
    ssl: tlsOptions(address, caPem),
    max: 1,
    connect_timeout: CONNECT_SECONDS,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    onclose: lose,
    connection: { application_name: "prodigy-exporter", ...address.parameters },
  };
  const sql = postgres(options);

  const query: Query = async (text, parameters = []) => {
    if (isLost) throw lose();
    // Statements without parameters may be several at once (migrations); the others are prepared once.
    const rows: readonly RawRow[] = parameters.length === 0
      ? await sql.unsafe(text)
      : await sql.unsafe(text, [...parameters], { prepare: true });
    return rows;
  };

  async function inTransaction<T>(work: (query: Query) => Promise<T>, limitMs: number): Promise<T> {
    const begun = query(`BEGIN; ${limitsSql(limitMs)}`);
    try {
      const [, result] = await Promise.all([begun, work(query)]);
      await query("COMMIT");
      return result;
    } catch (error) {
      if (faultOf(error, where).kind !== "connection") await query("ROLLBACK");
      throw error;
    }
  }

  /** @throws {StoreFault} */
  async function bounded<T>(work: Promise<T>, limitMs: number): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(connectionFault("TIMEOUT", where));
      void close(0);
    }, limitMs);
    // Its own rejection comes too late to be of interest.
    work.catch(() => {});
    try {
      return await Promise.race([work, lost, late]);
    } catch (error) {
      const fault = faultOf(error, where);
      if (fault.kind === "connection") isLost = true;
      throw fault;
    } finally {
      clearTimeout(timer);
    }
  }

  async function close(timeoutSeconds: number): Promise<void> {
    // The driver would wait for answers that cannot come any more.
    const timeout = isLost ? 0 : timeoutSeconds;
    isLost = true;
    closing.abort();
    await sql.end({ timeout });
  }

  return {
    get isLost(): boolean {
      return isLost;
    },
    query: (text, parameters) => bounded(query(text, parameters), timeoutMs),
    transaction: (work, limitMs = timeoutMs) => bounded(inTransaction(work, limitMs), limitMs),
    close: () => close(CLOSE_SECONDS),
  };
}

/**
 * For this transaction only, as a pooler may lend the session to others. Rows are always found by an index: a plan made
 * while a table was empty would otherwise go on scanning it.
 */
function limitsSql(limitMs: number): string {
  return `SET LOCAL statement_timeout = ${limitMs}; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'; ` +
    `SET LOCAL idle_in_transaction_session_timeout = '${IDLE_IN_TRANSACTION}'; ` +
    "SET LOCAL enable_seqscan = off";
}

function tlsOptions({ tls, host }: DatabaseAddress, caPem: string | null): boolean | "require" | "prefer" | object {
  switch (tls) {
    case "disable":
      return false;
    case "prefer":
    case "require":
      return tls;
    case "verify":
      // Without the host, the certificate of an address would be compared with "localhost".
      return { rejectUnauthorized: true, host, ...caPem === null ? {} : { ca: caPem } };
  }
}
