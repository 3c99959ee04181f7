/**
 * The name all spellings of one model share: lower case, without the provider in front (`us.anthropic.`, `anthropic/`,
 * an ARN), without revision (`-v1:0`), date (`-20250929`, `@20250929`), `-latest` and Claude Code's context mark (`[1m]`).
 * Sources: Bedrock's and Vertex AI's model lists, OpenRouter's ids (dots in versions).
 */
export function canonicalModel(id: string): string {
  return id.trim().toLowerCase()
    .replace(/\[[^\]]*\]$/, "")
    .replace(/^.*[./](?=claude-)/, "")
    .replace(/(\d)\.(?=\d)/g, "$1-")
    .replace(/[@:].*$/, "")
    .replace(/-v\d+$/, "")
    .replace(/-(?:\d{8}|latest)$/, "");
}
