/** What health, readiness and the page tell. Asked for on every such request, so it must be cheap. */
export interface Status {
  /** Whether what `/metrics` would say is true: false while starting, catching up and draining. */
  readonly ready: boolean;
  /** Why not ready, one short line each, like `catching up: 12 MB to read`. */
  readonly reasons: readonly string[];
  /**
   * Whether a restart is the cure: nothing is read any more, and nothing in the process will change that.
   * A source that cannot be read is a problem, not a failure: a new process could not read it either.
   */
  readonly failing: boolean;
  /** What is degraded: which part, and one line that says how. Never file content. */
  readonly problems: readonly { readonly part: string; readonly problem: string }[];
  /** Unix time in milliseconds. */
  readonly startedAtMs: number;
}
