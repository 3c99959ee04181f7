import { environmentNames } from "../lib/config/option_names.ts";

/** What a service manager sets when it passes a socket. */
const ACTIVATION = ["LISTEN_PID", "LISTEN_FDS"];

/**
 * What the executable may do. Which files and addresses is known from the configuration alone, so these are not bound
 * to any; no other program, library, module or variable is ever needed. A library that asks for another variable finds
 * it unset.
 */
export function permissionFlags(): readonly string[] {
  return [
    "--allow-read",
    "--allow-write",
    "--allow-net",
    `--allow-env=${[...environmentNames(), ...ACTIVATION].join(",")}`,
    "--ignore-env",
    // Whose the state directory must be; and the host's name, for rows in a database.
    "--allow-sys=uid,hostname",
    "--deny-import",
    "--no-prompt",
  ];
}
