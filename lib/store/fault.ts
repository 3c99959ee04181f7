/** What a fault tells: plain data, as an error loses its fields on the way to another thread. */
export interface FaultReport {
  /**
   * - `data`: something in the rows; they will be refused again.
   * - `connection`: whether it was written is not known; a new connection is needed.
   * - `server`: the server could not now, or needs a person.
   */
  readonly kind: "data" | "connection" | "server";
  /** SQLSTATE, or the driver's or system's name of the error. */
  readonly code: string;
  /** For a person; holds neither URL nor data. */
  readonly message: string;
}

/** The database did not take what it was given. */
export class StoreFault extends Error implements FaultReport {
  override readonly name = "StoreFault";
  readonly kind: FaultReport["kind"];
  readonly code: string;

  constructor(kind: FaultReport["kind"], code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
    this.code = code;
  }

  get report(): FaultReport {
    const { kind, code, message } = this;
    return { kind, code, message };
  }
}

/** What a person can do, by SQLSTATE or error name. */
const ADVICE: Readonly<Record<string, string>> = {
  "28P01": "The server refuses the user name or the password: correct them in the URL or the password file",
  "28000": "The server lets this user not in from here: correct the user in the URL, or the server's pg_hba.conf",
  "3D000": "There is no database of that name: create it, or correct the URL",
  "3F000": "There is no schema to work in: create it, or correct search_path",
  "25006": "The server is read-only, as a standby is: point the URL at the primary",
  "42501":
    "The role lacks rights: let the owner of the tables run `prodigy-exporter migrate`, and grant the role SELECT, INSERT and UPDATE on them",
  "42P01": "Tables are missing: run `prodigy-exporter migrate`",
  "42P07": "Another program has a table of the same name: give the exporter a database or schema of its own",
  "42703": "A table has not the columns it should: run `prodigy-exporter migrate`",
  "53100": "The server's disk is full: free some space",
  "53200": "The server is out of memory",
  "53300": "The server has no connection left: raise max_connections, or close others",
  "55P03": "Somebody else holds the tables for too long: look at pg_locks",
  "57014": "The server took too long",
  "57P01": "The server is shutting down",
  "57P03": "The server is starting up",
  ECONNREFUSED: "Nothing answers there: start the server, or correct host and port in the URL",
  ENOTFOUND: "There is no host of that name: correct the URL",
  EAI_AGAIN: "The host's name could not be looked up: try again later, or correct the URL",
  ENOENT: "There is no socket there: start the server, or correct the host in the URL",
  EACCES: "The system does not allow to connect there",
  CONNECT_TIMEOUT: "The server does not answer: look at its load, the network, and the host and port in the URL",
  CONNECTION_CLOSED: "The server closed the connection",
  ECONNRESET: "The server closed the connection",
  EPIPE: "The server closed the connection",
  CONNECTION_DESTROYED: "The connection was given up",
  SASL_SIGNATURE_MISMATCH: "The server does not know the password it should: it may be another server",
  TIMEOUT: "The server did not answer in time",
  TLS: "The server's certificate is not trusted: set metrics.postgres.ca_file, or correct sslmode in the URL",
};

/** Classes of SQLSTATE that are about the rows: data exceptions, constraints, limits, and what triggers raise. */
const DATA_CLASSES: ReadonlySet<string> = new Set(["22", "23", "54", "P0"]);
/** No class begins with E, as EPIPE does. */
const SQLSTATE = /^(?!E)[0-9A-Z]{5}$/;

/**
 * Says what an error of the driver means.
 *
 * @param where the database without password, for the message
 */
export function faultOf(error: unknown, where: string): StoreFault {
  if (error instanceof StoreFault) return error;
  const code = codeOf(error);
  const isSqlState = SQLSTATE.test(code);
  if (isSqlState && DATA_CLASSES.has(code.slice(0, 2))) {
    return new StoreFault("data", code, `A row was refused (${[code, ...placeOf(error)].join(" ")})`, { cause: error });
  }
  // 57P01 to 57P05 end the session, 08 is the connection's own class.
  if (!isSqlState || code.startsWith("57P") || code.startsWith("08")) return connectionFault(code, where, error);
  return new StoreFault("server", code, messageOf(code, where, "The server refused"), { cause: error });
}

/** The connection broke, did not come about, or was given up. */
export function connectionFault(code: string, where: string, cause?: unknown): StoreFault {
  return new StoreFault("connection", code, messageOf(code, where, "The connection failed"), { cause });
}

function messageOf(code: string, where: string, plainAdvice: string): string {
  return `Cannot write to PostgreSQL at ${where} (${code}). ${ADVICE[code] ?? plainAdvice}`;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "UNKNOWN";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (/cert|tls|ssl|handshake/i.test(`${code} ${error.message}`) && !SQLSTATE.test(code)) return "TLS";
  if (code !== "") return code;
  // Deno's own errors of the network carry no code but a class.
  return error.name === "Error" ? "UNKNOWN" : error.name;
}

/** Where the row was refused: names of the schema, which tell nothing of the data. */
function placeOf(error: unknown): readonly string[] {
  if (typeof error !== "object" || error === null) return [];
  const names = error as Readonly<Record<string, unknown>>;
  return ["table_name", "column_name", "constraint_name"].flatMap((field) => {
    const name = names[field];
    return typeof name === "string" ? [`${field.replace("_name", "")} ${name}`] : [];
  });
}
