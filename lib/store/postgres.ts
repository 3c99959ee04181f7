import postgres from "postgres";
import type { Connection, Query } from "./connection.ts";
import { type DatabaseAddress, describeAddress } from "./database_url.ts";
import { faultOf, StoreFault } from "./fault.ts";
import type { RawRow } from "./table_sql.ts";

export interface ClientOptions {
  readonly address: DatabaseAddress;
  /** Certificate authorities in PEM; `null`: the system's. */
  readonly caPem: string | null;
  /** Longest time for connecting, and for a query or transaction that names no other. */
  readonly timeoutMs: number;
}

export interface Client extends Connection {
  close(): Promise<void>;
}

/** As many as batches are written at the same time. */
const CONNECTIONS = 2;
/** A client that dies in a transaction must not keep the writers' lock. */
const IDLE_IN_TRANSACTION = "15s";
const LOCK_TIMEOUT = "10s";
const CLOSE_SECONDS = 1;

/** Connections, made with the first queries. After an error of the connection it is of no use any more. */
export function openClient({ address, caPem, timeoutMs }: ClientOptions): Client {
  const where = describeAddress(address);
  const sql = postgres({
    host: address.host,
    port: address.port,
    database: address.database,
    username: address.user,
    password: address.password ?? "",
    ssl: tlsOptions(address, caPem),
    max: CONNECTIONS,
    connect_timeout: Math.ceil(timeoutMs / 1000),
    // Tries are counted and spaced by the caller.
    backoff: () => 0,
    max_lifetime: null,
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: "prodigy-exporter", ...address.parameters },
  });

  const queryOf = (unsafe: typeof sql.unsafe): Query => async (text, parameters = []) => {
    // Statements without parameters may be several at once (migrations); the others are prepared once.
    const rows: readonly RawRow[] = parameters.length === 0
      ? await unsafe(text)
      : await unsafe(text, [...parameters], { prepare: true });
    return rows;
  };

  /** @throws {StoreFault} */
  async function bounded<T>(work: Promise<T>, limitMs: number): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(new StoreFault("connection", "TIMEOUT", `The server at ${where} did not answer in time`));
      void sql.end({ timeout: 0 });
    }, limitMs);
    // Its own rejection comes too late to be of interest.
    work.catch(() => {});
    try {
      return await Promise.race([work, late]);
    } catch (error) {
      throw faultOf(error, where);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    query: (text, parameters) => bounded(queryOf(sql.unsafe)(text, parameters), timeoutMs),
    transaction: <T>(work: (query: Query) => Promise<T>, limitMs = timeoutMs): Promise<T> =>
      bounded(
        // The driver's type unwraps arrays of promises; there are none.
        sql.begin(async (transaction) => {
          const query = queryOf(transaction.unsafe);
          const [, result] = await Promise.all([query(limitsSql(limitMs)), work(query)]);
          return result;
        }) as Promise<T>,
        limitMs,
      ),
    close: () => sql.end({ timeout: CLOSE_SECONDS }),
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

function tlsOptions({ tls }: DatabaseAddress, caPem: string | null): boolean | "require" | "prefer" | object {
  switch (tls) {
    case "disable":
      return false;
    case "prefer":
    case "require":
      return tls;
    case "verify":
      return { rejectUnauthorized: true, ...caPem === null ? {} : { ca: caPem } };
  }
}
