import { join } from "node:path";
import { fromFileUrl } from "./file_url.ts";
import { findTool, runTool } from "./tool.ts";

/** What running the compose file takes, without a daemon or a registry of images. */
export const STACK_TOOLS: readonly string[] = [
  "podman",
  "podman-compose",
  "runc",
  "busybox",
  "prometheus",
  "prometheus-alertmanager",
  // Services find each other by name.
  "/usr/lib/cni/dnsname",
  "/usr/lib/cni/portmap",
  // Without them podman runs containers otherwise than written below.
  ...Deno.uid() === 0 ? [] : ["the rights of root"],
];

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/**
 * The images of docker-compose.yml cannot be pulled everywhere. In their places stand Debian's builds of the same
 * programs, the exporter of this tree, and for Grafana something that answers its health check.
 */
const STAND_INS: Readonly<Record<string, readonly string[]>> = {
  "localhost/prodigy-exporter:0.1.0": [
    "ENV HOME=/home/prodigy PRODIGY_STATE_DIRECTORY=/var/lib/prodigy-exporter/state",
    "ENV PRODIGY_SOCKET_PATH=/run/prodigy-exporter/prodigy-exporter.sock",
    'ENTRYPOINT ["prodigy-exporter"]',
  ],
  "docker.io/prom/prometheus:v3.5.0": ['ENTRYPOINT ["/bin/prometheus"]'],
  "docker.io/prom/alertmanager:v0.28.1": ['ENTRYPOINT ["/bin/prometheus-alertmanager"]'],
  "docker.io/grafana/grafana:13.2.2": ['ENTRYPOINT ["/bin/busybox", "httpd", "-f", "-p", "3000", "-h", "/www"]'],
};
const PROGRAM = `#!/bin/sh
exec deno run --quiet --no-config --no-lock --allow-read --allow-write --allow-net --allow-env --allow-sys \\
  /opt/prodigy-exporter.mjs "$@"
`;

export interface ComposeStack extends AsyncDisposable {
  /** Runs podman with the stack's storage. @throws {Error} when it fails. */
  podman(...args: readonly string[]): Promise<string>;
  /** Name of a service's container. */
  container(service: string): string;
}

/** Runs services of docker-compose.yml. `directory` must be empty; podman keeps all it has there. */
export async function startStack(options: {
  readonly directory: string;
  readonly services: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}): Promise<ComposeStack> {
  const { directory, services, environment } = options;
  const project = `stack${Deno.pid}`;
  const env = { ...environment, ...await writePodmanConfig(directory) };
  async function run(program: string, args: readonly string[], stdin?: string): Promise<string> {
    const result = await runTool(program, args, { cwd: ROOT, env, ...stdin === undefined ? {} : { stdin } });
    if (result.code !== 0) throw new Error(`${program} ${args.join(" ")}: ${result.stdout}${result.stderr}`);
    return result.stdout;
  }
  const podman = (...args: readonly string[]): Promise<string> => run("podman", args);
  const compose = (...args: readonly string[]): Promise<string> => run("podman-compose", ["-p", project, ...args]);
  const stack: ComposeStack = {
    podman,
    container: (service) => `${project}_${service}_1`,
    async [Symbol.asyncDispose](): Promise<void> {
      await podman("rm", "--all", "--force", "--time", "0");
      await podman("system", "reset", "--force");
    },
  };
  try {
    const context = join(directory, "context");
    await createContext(context);
    await run("podman", ["build", "--isolation", "chroot", "--tag", "localhost/base", "--file", "-", context], BASE);
    for (const [image, lines] of Object.entries(STAND_INS)) {
      const empty = await Deno.makeTempDir({ dir: directory });
      const text = ["FROM localhost/base", ...lines].join("\n");
      await run("podman", ["build", "--isolation", "chroot", "--tag", image, "--file", "-", empty], text);
    }
    await compose("up", "-d", ...services);
    return stack;
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}

const BASE = "FROM scratch\nCOPY . /\nENV PATH=/usr/local/bin:/bin\n";

/** Storage, networks and limits of its own: the machine's podman is left alone. */
async function writePodmanConfig(directory: string): Promise<Readonly<Record<string, string>>> {
  const storage = join(directory, "storage.conf");
  const containers = join(directory, "containers.conf");
  await Deno.writeTextFile(
    storage,
    `[storage]\ndriver = "overlay"\ngraphroot = "${directory}/store"\nrunroot = "${directory}/run"\n`,
  );
  await Deno.writeTextFile(
    containers,
    // Where limits may not be raised, containers get lower ones.
    `[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"
[network]\nnetwork_config_dir = "${directory}/networks"\n`,
  );
  return { CONTAINERS_STORAGE_CONF: storage, CONTAINERS_CONF: containers };
}

/** One file system for all stand-ins. */
async function createContext(root: string): Promise<void> {
  for (const path of ["bin", "usr/local/bin", "opt", "www/api", "home/prodigy"]) {
    await Deno.mkdir(join(root, path), { recursive: true });
  }
  // As the image of the Dockerfile: whoever the container runs as writes here.
  for (const path of ["tmp", "var/lib/prodigy-exporter", "run/prodigy-exporter"]) {
    await Deno.mkdir(join(root, path), { recursive: true });
    await Deno.chmod(join(root, path), 0o1777);
  }
  const programs = ["busybox", "prometheus", "prometheus-alertmanager"].map((name) => findTool(name) ?? name);
  for (const path of programs) await Deno.copyFile(path, join(root, "bin", path.split("/").at(-1) ?? ""));
  for (const name of ["sh", "wget", "ls"]) await Deno.symlink("busybox", join(root, "bin", name));
  await Deno.copyFile(Deno.execPath(), join(root, "usr/local/bin/deno"));
  await copyLibraries(root, [Deno.execPath(), ...programs]);
  await checked("cp", ["-r", "--parents", "/usr/share/prometheus/alertmanager", root]);
  await Deno.writeTextFile(join(root, "www/api/health"), "ok");
  const bundle = ["bundle", "--quiet", "-o", join(root, "opt/prodigy-exporter.mjs"), "main.ts"];
  await checked(Deno.execPath(), bundle, { cwd: ROOT });
  const program = join(root, "usr/local/bin/prodigy-exporter");
  await Deno.writeTextFile(program, PROGRAM);
  await Deno.chmod(program, 0o755);
}

async function copyLibraries(root: string, programs: readonly string[]): Promise<void> {
  const listed = await Promise.all(programs.map(async (program) => (await runTool("ldd", [program])).stdout));
  const paths = new Set(listed.flatMap((text) => text.match(/\/lib\S+/g) ?? []));
  // The resolver's are loaded by name when first needed.
  for (const name of ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"]) {
    const path = `/lib/x86_64-linux-gnu/${name}`;
    if (findTool(path) !== null) paths.add(path);
  }
  for (const path of paths) {
    const to = join(root, path);
    await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(path, to);
  }
}

async function checked(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string } = {},
): Promise<void> {
  const { code, stderr } = await runTool(program, args, options);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}
