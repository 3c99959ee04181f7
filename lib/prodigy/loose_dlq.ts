import type { EventRecord } from "../event/record.ts";
import { append } from "./append.ts";
import type { ChangedFiles } from "./changed_files.ts";
import { diffDlq, type DlqItemFacts, type DlqMemory } from "./dlq.ts";
import { readJobDlq } from "./run_files.ts";

/** Directories of sessions; their DLQ belongs to their run. */
const SESSION_ID = /^(?:session|workflow)-[0-9a-f-]+$/;

/** DLQs under a repository's name instead of a session's (`dlq/<repo>/<job>/…`), as other Prodigys lay them out. */
export class LooseDlq {
  readonly #files: ChangedFiles;
  readonly #directory: string;
  readonly #items = new Map<string, DlqItemFacts>();
  #memory: Record<string, DlqMemory> = {};

  /** @param directory `dlq` in Prodigy's home */
  constructor(files: ChangedFiles, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  look(options: {
    readonly nowMs: number;
    readonly ignoreBeforeMs: number;
    readonly isLive: boolean;
    isRun(name: string): boolean;
  }): readonly EventRecord[] {
    const root = this.#files.listKept(this.#directory);
    if (typeof root === "string") return [];
    const records: EventRecord[] = [];
    // Those that were told of, too: their directories may be gone.
    const told = Object.keys(this.#memory).map((key) => key.split("/"));
    const repositories = new Set([...root.directories, ...told.map(([repository = ""]) => repository)]);
    // In one order, so that the same one of two namesakes has the plain label after every start.
    for (const repository of [...repositories].sort()) {
      if (SESSION_ID.test(repository) || options.isRun(repository)) continue;
      const listed = this.#files.list(`${this.#directory}/${repository}`);
      const jobs = new Set(typeof listed === "string" ? [] : listed.directories);
      for (const [of, jobId = ""] of told) if (of === repository) jobs.add(jobId);
      for (const jobId of jobs) append(records, this.#lookAtJob(repository, jobId, options));
    }
    return records;
  }

  saveState(): Readonly<Record<string, DlqMemory>> {
    return { ...this.#memory };
  }

  loadState(memory: Readonly<Record<string, DlqMemory>>): void {
    this.#memory = { ...memory };
  }

  #lookAtJob(
    repository: string,
    jobId: string,
    options: { readonly nowMs: number; readonly ignoreBeforeMs: number; readonly isLive: boolean },
  ): readonly EventRecord[] {
    const key = `${repository}/${jobId}`;
    const told = this.#memory[key] ?? {};
    const { nowMs, ignoreBeforeMs, isLive } = options;
    const reading = { nowMs, ignoreBeforeMs, isLive, told };
    const seen = readJobDlq(this.#files, `${this.#directory}/${key}`, jobId, this.#items, reading);
    const change = diffDlq(told, seen, { runId: null, jobId, nowMs: options.nowMs });
    if (Object.keys(change.memory).length > 0) this.#memory[key] = change.memory;
    else delete this.#memory[key];
    return change.records.map((record) => ({ ...record, repository }));
  }
}
