import { parse as parseToml } from "smol-toml";

/**
 * Stands in for jsr:@std/toml's `parse`, over npm:smol-toml, which rejects duplicate keys and lossy integers.
 *
 * @throws {Error} smol-toml's `TomlError`, with `line` and `column`.
 */
export function parse(text: string): Record<string, unknown> {
  return parseToml(text);
}
