import { type SimulatedMessage, streamLines, transcriptErrorLine, transcriptLines } from "./claude_documents.ts";
import { type DlqErrorType, dlqItemJson, stdDuration, worktreeJson } from "./prodigy_documents.ts";
import { SimulatedHome, type SimulatorOptions } from "./simulated_home.ts";

/**
 * Plays runs of Prodigy 0.4.4 and writes what it writes, file by file and in its order: sessions rewritten in place
 * with an empty moment, checkpoints and metadata renamed into place, agents' files that vanish, end states that
 * regress. One act is what happens at one instant of the clock.
 */
export class RunSimulator {
  readonly #home: SimulatedHome;

  constructor(options: SimulatorOptions) {
    this.#home = new SimulatedHome(options);
  }

  get prodigyHome(): string {
    return this.#home.prodigyHome;
  }
  get homeProdigy(): string {
    return this.#home.homeProdigy;
  }
  get claudeHome(): string {
    return this.#home.claudeHome;
  }

  /** Called at every state in which another process could find the files. */
  set onState(onState: () => void) {
    this.#home.writer.onState = onState;
  }

  /**
   * @param options.name of the workflow file; "" for array format
   * @param options.workflowPath `.tmpXXXXXX.yml` in a temporary directory for `prodigy exec`
   * @returns the run's id
   */
  startWorkflow(
    options: { readonly name?: string; readonly workflowPath?: string; readonly totalSteps?: number } = {},
  ): string {
    const { name = "fix-lint", totalSteps = 3 } = options;
    const workflowPath = options.workflowPath ?? `/home/dev/demo-app/wf/${name === "" ? "nameless" : name}.yml`;
    const id = this.#home.workflowId();
    const run = this.#home.makeRun({ id, name, workflowPath, totalSteps, jobId: null });
    this.#home.writer.makeDirectory(
      `${this.prodigyHome}/events/${this.#home.repository}/${this.#home.uuid("session-")}`,
    );
    run.session.metadata = {
      total_steps: totalSteps,
      execution_start_time: this.#home.writer.now.replace("Z", "+00:00"),
      workflow_type: "standard",
      current_step: 0,
    };
    this.#home.writeSession(run);
    return id;
  }

  completeStep(
    runId: string,
    step: { readonly command: string; readonly durationSeconds: number; readonly stepIndex?: number },
  ): void {
    const run = this.#home.run(runId);
    run.session.timings = { ...run.session.timings, [step.command]: stdDuration(step.durationSeconds) };
    this.#home.writeSession(run);
    if (run.isResumed) return;
    run.checkpoint ??= this.#home.newCheckpoint(run);
    run.checkpoint.steps.push({
      stepIndex: step.stepIndex ?? run.checkpoint.steps.length,
      command: step.command,
      durationSeconds: step.durationSeconds,
      completedAt: this.#home.writer.now,
    });
    this.#home.writeCheckpoint(run, "Running");
  }

  /** One more of `--args` or `--map`: steps go to another checkpoint file from now on. */
  nextIteration(runId: string): void {
    this.#home.writeCheckpoint(this.#home.run(runId), "Completed");
    this.#home.run(runId).checkpoint = null;
  }

  /** The step fails, and the run with it. */
  failStep(runId: string, step: { readonly command: string; readonly message?: string }): void {
    const run = this.#home.run(runId);
    run.checkpoint ??= this.#home.newCheckpoint(run);
    const message = step.message ??
      `Step '${step.command}' failed with exit code 101\n\n=== Error Output (stderr) ===\n`;
    run.checkpoint.failure = { stepIndex: run.checkpoint.steps.length, message, at: this.#home.writer.now };
    this.#home.writeCheckpoint(run, "Failed");
    this.#home.fail(run, message);
  }

  /** Ends it as Prodigy does: twice, the first time from a stale copy without timings. */
  finish(runId: string): void {
    const run = this.#home.run(runId);
    this.#home.writeCheckpoint(run, "Completed");
    const { timings, iterationsCompleted } = run.session;
    run.session.status = "Completed";
    Object.assign(run.session, { completedAt: this.#home.writer.now, timings: {}, iterationsCompleted: 0 });
    this.#home.writeSession(run);
    Object.assign(run.session, { completedAt: this.#home.writer.now, timings, iterationsCompleted });
    this.#home.writeSession(run);
  }

  /** After an end: the merge moves `completed_at`, and with auto-cleanup the worktree goes. */
  merge(runId: string, options: { readonly cleanup: boolean }): void {
    const run = this.#home.run(runId);
    run.session.completedAt = this.#home.writer.now;
    this.#home.writeSession(run);
    if (options.cleanup) this.#home.writer.remove(this.#home.worktreePath(run));
  }

  /** Ctrl-C: only the worktree's metadata says so. */
  interrupt(runId: string): void {
    const run = this.#home.run(runId);
    Object.assign(run.worktree, {
      status: "interrupted",
      interruptedAt: this.#home.writer.now,
      updatedAt: this.#home.writer.now,
    });
    this.#home.writer.atomic(this.#home.worktreePath(run), worktreeJson(run.worktree));
  }

  /** kill -9: nothing says so. */
  kill(runId: string): void {
    this.#home.run(runId);
  }

  /** `started_at` stays, and so do the metadata's `interrupted` and the checkpoint's failure. */
  resume(runId: string): void {
    const run = this.#home.run(runId);
    Object.assign(run.session, { status: "Running", completedAt: null, error: null });
    run.isResumed = true;
    run.checkpoint = null;
    this.#home.writeSession(run);
  }

  deleteSession(runId: string): void {
    this.#home.writer.remove(this.#home.sessionPath(runId));
    this.#home.forgetRun(runId);
  }

  startMapReduce(): { readonly runId: string; readonly jobId: string } {
    const id = this.#home.uuid("session-");
    const stamp = new Date(this.#home.nowMs).toISOString().replace(/\.\d+Z$/, "").replace(/[-:]/g, "").replace(
      "T",
      "_",
    );
    const jobId = `mapreduce-${stamp}`;
    const run = this.#home.makeRun({ id, name: "", workflowPath: "", totalSteps: 0, jobId });
    this.#home.writeSession(run);
    this.#home.writer.makeDirectory(`${this.prodigyHome}/state/${id}/mapreduce`);
    this.#home.writer.makeDirectory(`${this.prodigyHome}/dlq/${id}/${jobId}`);
    const events = `${this.prodigyHome}/events/${id}/${jobId}`;
    this.#home.writer.makeDirectory(events);
    this.#home.writer.appendLines(`${events}/events-${stamp}.jsonl`, [], { finalNewline: false });
    return { runId: id, jobId };
  }

  startAgent(runId: string, index: number): void {
    const run = this.#home.run(runId);
    const name = `mapreduce-agent-${run.jobId}_agent_${index}`;
    const worktree = this.#home.newWorktree(name, `prodigy-${runId}`);
    run.agents.set(index, worktree);
    this.#home.writer.atomic(this.#home.agentPath(runId, name), worktreeJson(worktree));
  }

  agentSucceeds(runId: string, index: number): void {
    const run = this.#home.run(runId);
    this.#home.removeAgent(runId, index);
    run.successes++;
  }

  /** A failed agent leaves its file behind, but not when merging its work failed. */
  agentFails(
    runId: string,
    index: number,
    options: { readonly errorType?: DlqErrorType; readonly failureCount?: number } = {},
  ): void {
    const { errorType = "Timeout", failureCount = 1 } = options;
    if (errorType === "MergeConflict") this.#home.removeAgent(runId, index);
    const directory = this.#home.dlqPath(runId);
    const itemId = `item_${index}`;
    const item = dlqItemJson(itemId, errorType, failureCount, this.#home.writer.now);
    this.#home.writer.inPlace(`${directory}/items/${itemId}.json`, item);
    this.#home.writer.inPlace(`${directory}/index.json`, {
      job_id: this.#home.run(runId).jobId,
      updated_at: this.#home.writer.now,
    });
  }

  removeDlqItem(runId: string, index: number): void {
    this.#home.writer.remove(`${this.#home.dlqPath(runId)}/items/item_${index}.json`);
  }

  /** The session tells the number of successful agents only by its growth of changed files. */
  finishMapReduce(runId: string, options: { readonly failed?: boolean } = {}): void {
    const run = this.#home.run(runId);
    run.session.metadata = { ...run.session.metadata, files_changed_delta: run.successes };
    run.session.filesChanged += run.successes;
    run.successes = 0;
    this.#home.writeSession(run);
    if (options.failed === true) this.#home.fail(run, "1 items failed");
    else this.finish(runId);
  }

  /** `worktrees/<repo>/<run>`, where the run's Claude commands work. */
  worktreeOf(runId: string): string {
    return `${this.homeProdigy}/worktrees/${this.#home.repository}/${runId}`;
  }
  agentWorktreeOf(runId: string, index: number): string {
    return `${this.homeProdigy}/worktrees/${runId}/mapreduce-agent-${this.#home.run(runId).jobId}_agent_${index}`;
  }

  /** Prodigy's saved stream of one Claude command of a plain run, written when the command ended. */
  claudeStream(stream: {
    readonly cwd: string;
    readonly sessionId?: string;
    readonly messages: readonly SimulatedMessage[];
    readonly result?: { readonly subtype: string; readonly isError: boolean; readonly costUsd: number } | null;
  }): string {
    const { cwd, messages, result = { subtype: "success", isError: false, costUsd: 0.02 } } = stream;
    const sessionId = stream.sessionId ?? this.#home.uuid("");
    const name = `${this.#home.writer.now.slice(0, 19).replace(/[-:]/g, "").replace("T", "_")}-${
      this.#home.uuid("")
    }.jsonl`;
    const lines = streamLines({ sessionId, cwd, messages, result });
    this.#home.writer.appendLines(`${this.homeProdigy}/logs/claude-streaming/${name}`, lines, { finalNewline: false });
    return sessionId;
  }

  /** One API response, or one API error, appended to Claude Code's transcript or to a sub-agent's. */
  transcriptLine(line: {
    readonly cwd: string;
    readonly sessionId: string;
    readonly subAgent?: string;
    readonly message?: SimulatedMessage;
    readonly errorType?: string;
  }): void {
    const { cwd, sessionId, subAgent, message, errorType } = line;
    const project = `${this.claudeHome}/projects/${cwd.replace(/[^A-Za-z0-9]/g, "-")}`;
    const path = `${project}/${sessionId}${subAgent === undefined ? "" : `/subagents/agent-${subAgent}`}.jsonl`;
    const timestamp = new Date(this.#home.nowMs).toISOString();
    const lines = [
      ...(message === undefined ? [] : transcriptLines({ sessionId, cwd, timestamp, message })),
      ...(errorType === undefined
        ? []
        : [transcriptErrorLine({ sessionId, cwd, timestamp, errorType, id: this.#home.uuid("") })]),
    ];
    this.#home.writer.appendLines(path, lines, { finalNewline: true });
  }
}
