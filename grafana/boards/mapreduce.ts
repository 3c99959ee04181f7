import { type Annotation, type Board, createBoard } from "../builder/board.ts";
import type { MetricFacts, Select } from "../builder/select.ts";
import { COMMON_VARIABLES, metricVariable } from "../builder/variables.ts";
import { agentPanels, jobPanels } from "./mapreduce_agents.ts";
import { itemPanels, jobsNowPanels } from "./mapreduce_items.ts";

/** Jobs, their items and their agents. */
export function mapreduceBoard(rows: readonly MetricFacts[], select: Select): Board {
  return createBoard({
    uid: "prodigy-mapreduce",
    title: "Prodigy / MapReduce performance",
    description: "MapReduce jobs: progress, throughput, agents, and what ended up in the dead letter queue.",
    variables: [...COMMON_VARIABLES, metricVariable(rows, "prodigy_mapreduce_job_info", "job_id", "MapReduce job")],
    annotations: [jobEnds(select)],
    rows: [
      { id: 100, title: "Now", panels: jobsNowPanels(select) },
      { id: 200, title: "Items", panels: itemPanels(select) },
      { id: 300, title: "Agents", panels: agentPanels(select) },
      { id: 400, title: "Jobs", panels: jobPanels(select) },
    ],
  });
}

/** The gauge of a job that has ended reads 0 for some scrapes before it goes, however short these are on the graph. */
function jobEnds(select: Select): Annotation {
  const active = select("prodigy_mapreduce_jobs_active", { job_id: "$job_id" });
  return {
    name: "Job ends",
    expr: `1 - max by (job_id) (min_over_time(${active}[$__interval]) == 0)`,
    title: "Job ended",
    text: "{{job_id}}",
    tags: "job_id",
    color: "purple",
  };
}
