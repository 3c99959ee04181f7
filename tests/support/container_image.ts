import { runTool, type ToolResult } from "./tool.ts";

/** What building and running images takes, without a daemon, a registry of images or more rights than a container has. */
export const CONTAINER_TOOLS: readonly string[] = [
  "buildah",
  "mmdebstrap",
  "node",
  "npm",
  "unshare",
  "chroot",
  "mount",
];

/** In the run image: what a slim Debian has and Deno needs. */
const RUN_PACKAGES =
  "base-files,dash,coreutils,libc6,libgcc-s1,libstdc++6,libselinux1,libacl1,libattr1,libgmp10,libpcre2-8-0";
const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

/** What an image says of how to run it. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Volumes: Readonly<Record<string, unknown>>;
  readonly ExposedPorts: Readonly<Record<string, unknown>>;
  readonly StopSignal: string;
  readonly WorkingDir: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

export interface BuiltImage {
  readonly config: ImageConfig;
  /** The image's files, mounted. */
  readonly root: string;
}

/** Images in a directory of their own. */
export class ImageStore implements AsyncDisposable {
  readonly #directory: string;
  readonly #global: readonly string[];

  constructor(directory: string) {
    this.#directory = directory;
    this.#global = ["--root", `${directory}/store`, "--runroot", `${directory}/run`, "--storage-driver", "overlay"];
  }

  /**
   * Builds the project's Dockerfile. Its base images cannot be had everywhere, so stand-ins are made: of Debian's
   * packages, and for building with this machine's node and npm.
   */
  async build(context: string, buildArgs: Readonly<Record<string, string>>): Promise<BuiltImage> {
    await this.#createRunImage();
    await this.#createBuildImage();
    const given = { BUILD_IMAGE: "localhost/build", RUN_IMAGE: "localhost/run", ...buildArgs };
    const args = Object.entries(given).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
    // Health checks are of Docker's format.
    await this.#buildah(
      "build",
      "--isolation",
      "chroot",
      "--format",
      "docker",
      "--tag",
      "localhost/exporter",
      ...args,
      context,
    );
    const inspected = await this.#buildah("inspect", "--type", "image", "localhost/exporter");
    const container = await this.#buildah("from", "localhost/exporter");
    const root = await this.#buildah("mount", container);
    return { config: JSON.parse(inspected).Docker.config, root };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#buildah("umount", "--all");
    await this.#buildah("rm", "--all");
  }

  async #createRunImage(): Promise<void> {
    const tar = `${this.#directory}/run.tar`;
    await checked("mmdebstrap", ["--variant=extract", "--quiet", `--include=${RUN_PACKAGES}`, "bookworm", tar]);
    await this.#buildah("from", "--name", "run", "scratch");
    await this.#buildah("add", "run", tar, "/");
    await this.#buildah("commit", "run", "localhost/run");
  }

  async #createBuildImage(): Promise<void> {
    const node = await Deno.realPath((await checked("which", ["node"])).trim());
    const modules = (await checked("npm", ["root", "--global"])).trim();
    await this.#buildah("from", "--name", "build", "localhost/run");
    await this.#buildah("add", "build", node, "/usr/bin/node");
    await this.#buildah("add", "build", `${modules}/npm`, "/usr/lib/node_modules/npm");
    await this.#buildah("add", "build", AUTHORITIES, AUTHORITIES);
    await this.#buildah(
      "run",
      "--isolation",
      "chroot",
      "build",
      "ln",
      "-s",
      "../lib/node_modules/npm/bin/npm-cli.js",
      "/usr/bin/npm",
    );
    const authorities = ["NODE_EXTRA_CA_CERTS", "npm_config_cafile", "DENO_CERT"].map((name) =>
      `${name}=${AUTHORITIES}`
    );
    await this.#buildah("config", ...authorities.flatMap((variable) => ["--env", variable]), "build");
    await this.#buildah("commit", "build", "localhost/build");
  }

  async #buildah(...args: readonly string[]): Promise<string> {
    return (await checked("buildah", [...this.#global, ...args])).trim();
  }
}

async function checked(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr }: ToolResult = await runTool(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ends with ${code}: ${stderr}`);
  return stdout;
}

export interface ContainerOptions {
  readonly image: BuiltImage;
  /** As `--user`; the image's own by default. */
  readonly user?: string;
  /** Directories of this machine by where they are in the container, read-only. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Directories of this machine for the image's volumes. */
  readonly volumes: Readonly<Record<string, string>>;
}

/**
 * A command that runs the image as a container engine would with a read-only root and the host's network: in mounts of
 * its own, as the image's user, with the image's variables alone. Where engines work it is nothing else; this works
 * also where limits and control groups may not be set.
 */
export function containerCommand(options: ContainerOptions, args: readonly string[]): Deno.Command {
  const { image: { config, root }, user = config.User, mounts = {}, volumes } = options;
  const script = [
    `mount --bind "${root}" "${root}"`,
    `mount -o remount,bind,ro "${root}"`,
    ...Object.entries({ ...mounts, ...volumes }).map(([to, from]) => `mount --bind "${from}" "${root}${to}"`),
    ...Object.keys(mounts).map((to) => `mount -o remount,bind,ro "${root}${to}"`),
    ...["/dev", "/proc"].map((kernels) => `mount --rbind ${kernels} "${root}${kernels}"`),
    `cd "${root}"`,
    `exec chroot --userspec=${user} --groups= "${root}" env -i ${config.Env.map(quote).join(" ")} "$@"`,
  ].join("\n");
  const command = [...config.Entrypoint, ...args];
  return new Deno.Command("unshare", {
    args: ["--mount", "sh", "-euc", script, "container", ...command],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
