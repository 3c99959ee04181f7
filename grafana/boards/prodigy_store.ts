import { bars, lines } from "../builder/graphs.ts";
import type { Panel } from "../builder/panel.ts";
import { RATE } from "../builder/promql.ts";
import type { Select } from "../builder/select.ts";

/** What Prodigy writes down. */
export function storePanels(select: Select): readonly Panel[] {
  return [
    bars({
      id: 501,
      title: "Checkpoints",
      description: select.help("prodigy_checkpoints_created_total"),
      width: 8,
      height: 6,
      queries: [{
        expr: `sum(increase(${select("prodigy_checkpoints_created_total")}[${RATE}]))`,
        legend: "checkpoints",
      }],
      unit: "short",
    }),
    bars({
      id: 502,
      title: "Event records written",
      description: `${
        select.help("prodigy_storage_events_written_total")
      } Unmodified Prodigy 0.4.4 leaves its event files empty.`,
      width: 8,
      height: 6,
      queries: [{
        expr: `sum(increase(${select("prodigy_storage_events_written_total")}[${RATE}]))`,
        legend: "events",
      }],
      unit: "short",
    }),
    lines({
      id: 503,
      title: "Worktree pool",
      description: select.help("prodigy_worktree_pool_size"),
      width: 8,
      height: 6,
      queries: [{ expr: `sum(${select("prodigy_worktree_pool_size")})`, legend: "worktrees" }],
      unit: "short",
      field: { min: 0, decimals: 0 },
    }),
  ];
}
