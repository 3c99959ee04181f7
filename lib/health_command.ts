import type { CommandCall } from "./config/commands.ts";
import type { Config } from "./config/options.ts";
import { type ProbeOptions, type ProbeResult, runProbe } from "./server/probe.ts";
import { servesTls } from "./server/web_config/serves_tls.ts";

type HealthFlags = Extract<CommandCall, { readonly command: "health" }>["commandFlags"];

/** Addresses that mean every one of the machine, and the one that leads to them. */
const WILDCARDS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]", "[::]": "[::1]" };

/** Asks a running exporter how it is. @param config `null`: the flags name an address. */
export async function runHealth(flags: HealthFlags, config: Config | null): Promise<ProbeResult> {
  try {
    const { "ca-file": caFile, "cert-file": certFile, "key-file": keyFile, "credentials-file": credentialsFile } =
      flags;
    if ((certFile === null) !== (keyFile === null)) {
      return { exitCode: 1, reason: "--cert-file and --key-file belong together" };
    }
    const target = flags.url === null && config !== null
      ? configuredTarget(config)
      : { url: flags.url ?? "", host: null };
    if ("problem" in target) return { exitCode: 1, reason: target.problem };
    return await runProbe({
      ...target,
      credentials: credentialsFile === null ? null : (await Deno.readTextFile(credentialsFile)).trimEnd(),
      ready: flags.ready,
      timeoutMs: flags.timeout * 1000,
      ca: caFile === null ? null : await Deno.readTextFile(caFile),
      identity: certFile === null || keyFile === null
        ? null
        : { cert: await Deno.readTextFile(certFile), key: await Deno.readTextFile(keyFile) },
    });
  } catch (error) {
    // Files that cannot be read; what they hold is in no message.
    return { exitCode: 1, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Where a running exporter is, or why that is not known. */
type Target = Pick<ProbeOptions, "url" | "host"> | { readonly problem: string };

function configuredTarget(config: Config): Target {
  if (!config["metrics.enabled"]) return { problem: "There is nothing to ask, as metrics.enabled is false" };
  if (config["metrics.port"] === 0) {
    return { problem: "It cannot be asked, as metrics.port is 0: give --url with the port that its log tells" };
  }
  // The address leads to it, but need not be among the names it may be addressed by.
  return { url: configuredUrl(config), host: config["server.allowed_hosts"][0] ?? null };
}

function configuredUrl(config: Config): string {
  const address = config["metrics.bind_address"];
  const webConfigFile = config["server.web_config_file"];
  const scheme = webConfigFile !== null && servesTls(webConfigFile) ? "https" : "http";
  return `${scheme}://${WILDCARDS[address] ?? bracketed(address)}:${config["metrics.port"]}`;
}

function bracketed(address: string): string {
  return address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
}
