const MASK = "[redacted]";

/** What looks like a secret, with what stays of it as $1. The shapes are those that commands and messages carry. */
const SECRETS: readonly RegExp[] = [
  // Assignments and flags: TOKEN=…, --password …, "api_key": "…"
  /((?:[\w-]*(?:token|secret|passw(?:or)?d|passwd|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\w-]*)["']?\s*(?:[=:]|\s)\s*["']?)(?!\[redacted\])[^\s"',;&|]{4,}/gi,
  // HTTP credentials
  /(\b(?:bearer|basic)\s+)[\w.+/=~-]{8,}/gi,
  // User and password in URLs
  /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/:@]+:[^\s/@]+(?=@)/gi,
  // Keys that show what they are: Anthropic, OpenAI, GitHub, GitLab, Slack, AWS, Google, npm
  /()\b(?:sk-[\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abposr]-[\w-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|npm_\w{30,})/g,
  // JSON Web Tokens
  /()\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** The text with what looks like secrets replaced. A guess, as every such filter is: it knows shapes, not meanings. */
export function redactSecrets(text: string): string {
  return SECRETS.reduce((clean, secret) => clean.replace(secret, `$1${MASK}`), text);
}
