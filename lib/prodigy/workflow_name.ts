/** A plain run whose files tell no name: an array-format YAML before its first checkpoint. */
export const UNNAMED_WORKFLOW = "unnamed";
/** `prodigy exec`: its workflow is a temporary file. */
export const EXEC_WORKFLOW = "exec";
/** A MapReduce run; Prodigy keeps the name of none. */
export const MAPREDUCE_WORKFLOW = "mapreduce";
/** `prodigy batch` names its generated workflow `batch-<uuid>`. */
const BATCH_NAME = /^batch-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const BATCH_WORKFLOW = "batch";

/** Prodigy makes exec's and batch's files with Rust's `tempfile`: `.tmpXXXXXX.yml` in the temporary directory. */
const TEMPORARY_STEM = /^(?:\..*|tmp[A-Za-z0-9_-]{6,}|prodigy-(?:exec|batch).*)$/;
const TEMPORARY_DIRECTORY = /^(?:(?:\/private)?(?:\/var)?\/tmp|(?:\/private)?\/var\/folders\/.*\/T)$/;

/** What a checkpoint's `workflow_path` tells of the name: a stem, exec's temporary file, or nothing. */
export function nameOfWorkflowPath(path: string | null): string | null {
  if (path === null) return null;
  const slash = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  const file = path.slice(slash + 1);
  const dot = file.lastIndexOf(".");
  const stem = dot > 0 ? file.slice(0, dot) : file;
  if (stem === "") return null;
  const isTemporary = stem.startsWith(".") ||
    TEMPORARY_DIRECTORY.test(path.slice(0, Math.max(slash, 0))) && TEMPORARY_STEM.test(stem) ||
    stem.startsWith("prodigy-exec");
  return isTemporary ? EXEC_WORKFLOW : stem;
}

const MAX_WEIGHT = 2;

/** How much a name says; a run is renamed only to a name that says more. */
function weight(name: string): number {
  if (name === UNNAMED_WORKFLOW) return 0;
  return name === EXEC_WORKFLOW || name === MAPREDUCE_WORKFLOW ? 1 : MAX_WEIGHT;
}

/**
 * The best name the files tell. The session's own comes first, whatever it is: a workflow may really be called `exec`.
 * @param known the name told before, kept unless another says more (files may have been cleaned away meanwhile).
 */
export function workflowNameOf(told: {
  readonly sessionName: string;
  readonly pathNames: readonly (string | null)[];
  readonly isMapReduce: boolean;
  readonly known: string | null;
}): string {
  if (told.known !== null && weight(told.known) === MAX_WEIGHT) return told.known;
  if (told.sessionName !== "") return BATCH_NAME.test(told.sessionName) ? BATCH_WORKFLOW : told.sessionName;
  const candidates = [
    ...told.known === null ? [] : [told.known],
    ...told.pathNames.filter((name) => name !== null),
    ...told.isMapReduce ? [MAPREDUCE_WORKFLOW] : [],
  ];
  let best = UNNAMED_WORKFLOW;
  for (const name of candidates) if (weight(name) > weight(best)) best = name;
  return best;
}
