import { type Board, createBoard } from "../builder/board.ts";
import type { Select } from "../builder/select.ts";
import { COMMON_VARIABLES } from "../builder/variables.ts";
import { inputPanels, lossPanels } from "./exporter_input.ts";
import { ledgerPanels, processPanels, statePanels } from "./exporter_state.ts";
import { eventStorePanels } from "./exporter_store.ts";

/** Whether the exporter can be believed: is it up, does it keep up, what did it turn away. */
export function exporterBoard(select: Select): Board {
  return createBoard({
    uid: "prodigy-exporter",
    title: "Prodigy / Exporter",
    description: "Whether prodigy-exporter is up, keeps up, and what it turned away.",
    variables: COMMON_VARIABLES,
    rows: [
      { id: 100, title: "State", panels: statePanels(select) },
      { id: 200, title: "Input", panels: inputPanels(select) },
      { id: 300, title: "Turned away", panels: lossPanels(select) },
      { id: 400, title: "Series and snapshot", panels: ledgerPanels(select) },
      { id: 500, title: "Process", panels: processPanels(select) },
      { id: 600, title: "Event store (PostgreSQL), at 0 while it is off", panels: eventStorePanels(select) },
    ],
  });
}
