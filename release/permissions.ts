import { environmentNames } from "../lib/config/option_names.ts";
import { ACTIVATION_VARIABLES } from "../lib/source/activated_listener.ts";

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
    `--allow-env=${[...environmentNames(), ...ACTIVATION_VARIABLES].join(",")}`,
    "--ignore-env",
    // Whose the state directory must be; and the host's name, for rows in a database.
    "--allow-sys=uid,hostname",
    "--deny-import",
    "--no-prompt",
  ];
}
