import assert from "node:assert/strict";
import { AckClient } from "../ack_client.ts";
import { until } from "../deadline.ts";
import { denoDirectory, type Program, startProgram, taskFlags } from "../program.ts";
import { createScratch } from "../scratch.ts";
import { findTool, runTool, type ToolResult } from "../tool.ts";
import { ROOT } from "./documents.ts";
import type { Block } from "./markdown.ts";

const RUN_LANGUAGES = ["sh", "python", "ts", "rust"];

export function isRunLanguage(language: string): boolean {
  return RUN_LANGUAGES.includes(language);
}

/** A reader's machine: a home of its own, a checkout, the program on the path, and the exporter running. */
export interface ReadersMachine extends AsyncDisposable {
  readonly program: Program;
  /** Does what the reader of a block does. */
  run(block: Block): Promise<void>;
}

const BLOCK_MAX = "60s";
/** What `timeout` exits with. */
const TIMED_OUT = 124;
const FAST = ["--events-rescan-interval", "100ms", "--events-poll-interval", "50ms"];

export async function createReadersMachine(): Promise<ReadersMachine> {
  const scratch = createScratch();
  const home = `${scratch.path}/home`;
  await Deno.mkdir(`${home}/.prodigy`, { recursive: true });
  installProgram(`${scratch.path}/bin`);
  linkCheckout(`${scratch.path}/checkout`);
  const program = await startProgram({ home, args: FAST });
  const env = {
    HOME: home,
    XDG_STATE_HOME: `${home}/.local/state`,
    PATH: `${scratch.path}/bin:${Deno.env.get("PATH") ?? ""}`,
    DENO_DIR: denoDirectory(),
    NO_COLOR: "1",
    // Where the documents' 9090 is.
    PRODIGY_METRICS_PORT: `${program.port}`,
  };
  const options = { cwd: `${scratch.path}/checkout`, env };
  const write = (name: string, text: string): string => {
    Deno.writeTextFileSync(`${scratch.path}/${name}`, text);
    return `${scratch.path}/${name}`;
  };

  async function shell(text: string): Promise<ToolResult> {
    const script = text.replaceAll("localhost:9090", `127.0.0.1:${program.port}`);
    // What runs on and on is none: it says "not run".
    const result = await runTool("timeout", [BLOCK_MAX, "bash", "-euo", "pipefail", "-c", script], options);
    assert.notEqual(result.code, TIMED_OUT, `it does not end within ${BLOCK_MAX}`);
    return result;
  }
  async function rust(text: string): Promise<void> {
    if (findTool("rustc") === null) return await sendEventsIn(text, program.socketPath);
    const binary = `${scratch.path}/example`;
    // The compiler has its own home.
    assertDone(await runTool("rustc", ["--edition", "2021", "-o", binary, write("example.rs", text)]));
    assertDone(await runTool(binary, [], options));
  }
  return {
    program,
    async run({ language, text, prints }): Promise<void> {
      if (language === "rust") return await rust(text);
      if (language === "python") return assertDone(await runTool("python3", ["-"], { ...options, stdin: text }));
      if (language === "ts") {
        const granted = ["--check", "--allow-env", "--allow-net", "--allow-read", "--allow-write"];
        return assertDone(
          await runTool("deno", ["run", "--no-config", ...granted, write("example.ts", text)], options),
        );
      }
      if (prints === null) return assertDone(await shell(text));
      // What it asks about takes its time to come through: such a block changes nothing, so it may be asked again.
      let printed = "";
      await until("it prints what the document says", async () => (printed = (await shell(text)).stdout) === prints)
        .catch(() => assert.equal(printed, prints));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await program[Symbol.asyncDispose]();
      scratch[Symbol.dispose]();
    },
  };
}

function assertDone({ code, stdout, stderr }: ToolResult): void {
  assert.equal(code, 0, `${stdout}${stderr}`);
}

/** `prodigy-exporter` as it is installed, but from source: with what the executable may do. */
function installProgram(directory: string): void {
  Deno.mkdirSync(directory);
  const words = [Deno.execPath(), "run", "--quiet", "--config", `${ROOT}deno.json`, ...taskFlags("start")];
  Deno.writeTextFileSync(`${directory}/prodigy-exporter`, `#!/bin/sh\nexec ${words.join(" ")} ${ROOT}main.ts "$@"\n`);
  Deno.chmodSync(`${directory}/prodigy-exporter`, 0o755);
  Deno.symlinkSync(Deno.execPath(), `${directory}/deno`);
}

/** What commands leave behind must not be left in the real one. */
function linkCheckout(directory: string): void {
  Deno.mkdirSync(directory);
  for (const { name } of Deno.readDirSync(ROOT)) {
    if (name !== ".git") Deno.symlinkSync(`${ROOT}${name}`, `${directory}/${name}`);
  }
}

/** Where the compiler is missing: what the example would send. */
async function sendEventsIn(text: string, socketPath: string): Promise<void> {
  const lines = [...text.matchAll(/r#"(\{.*\})"#/g)].map(([, json]) => `${json}\n`);
  assert.ok(lines.length > 0, "there is an event in it");
  await new AckClient(socketPath).send(lines);
}
