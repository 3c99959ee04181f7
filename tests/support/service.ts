import { until } from "./deadline.ts";

/** A server program that runs for a test. */
export interface Service extends AsyncDisposable {
  /** Where it answers, without a final slash. */
  readonly url: string;
  /** What it wrote so far. */
  log(): string;
}

export interface ServiceOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** Tells the address it listens on from what it wrote, `null` while it has not said. */
  readonly addressIn: (log: string) => string | null;
  /** Path that answers 200 once it can be used. */
  readonly readyPath: string;
  readonly cwd?: string;
}

export async function startService(options: ServiceOptions): Promise<Service> {
  const { program, args, cwd } = options;
  const child = new Deno.Command(program, {
    args: [...args],
    ...cwd === undefined ? {} : { cwd },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  let ended = false;
  const finished = Promise.all([
    child.status,
    ...[child.stdout, child.stderr].map((stream) => readAll(stream, (text) => log += text)),
  ]).then(() => {
    ended = true;
  });
  const stop = async (): Promise<void> => {
    if (!ended) child.kill("SIGTERM");
    await finished;
  };
  try {
    const url = await until(`${program} answers`, async () => {
      const address = options.addressIn(log);
      if (address === null) return null;
      const response = await fetch(`http://${address}${options.readyPath}`);
      await response.body?.cancel();
      return response.ok ? `http://${address}` : null;
    });
    return { url, log: () => log, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw new Error(`Cannot start ${program}: ${log}`, { cause: error });
  }
}

/** `address=` of the line the Prometheus programs write when they listen. */
export function listeningAddress(log: string): string | null {
  return /msg="?Listening on"? address=(\S+)/.exec(log)?.[1] ?? null;
}

async function readAll(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) take(text);
}
