import type { QueriedSeries } from "../prometheus.ts";
import { type PanelJson, type TargetJson, unitOfTarget } from "./board_json.ts";

/** Shares that may well be above 1. */
const MAY_EXCEED = new Set(["Budget used this month", "Recommendations"]);
/** Extrapolation of two increases need not be the same to the last digit. */
const TOLERANCE = 1e-6;

/** What is wrong with the answer to a panel's query; an empty list when it can be shown. */
export function judgeAnswer(panel: PanelJson, target: TargetJson, answer: readonly QueriedSeries[]): readonly string[] {
  const values = answer.flatMap(({ points }) => points.map(([, value]) => value));
  const finite = values.filter((value) => Number.isFinite(value));
  if (answer.length === 0) return ["no series"];
  if (finite.length === 0) return ["no finite value"];
  const most = unitOfTarget(panel, target) === "percentunit" && !MAY_EXCEED.has(panel.title) ? 1 + TOLERANCE : Infinity;
  const inLegend = [...(target.legendFormat ?? "").matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map((match) => match[1] ?? "");
  return [
    ...target.instant === true && finite.length < values.length ? ["a value that is no number"] : [],
    ...values.some((value) => value === Infinity || value === -Infinity) ? ["an infinite value"] : [],
    ...finite.some((value) => value < -TOLERANCE) ? [`a negative value: ${Math.min(...finite)}`] : [],
    ...finite.some((value) => value > most) ? [`a share above 1: ${Math.max(...finite)}`] : [],
    ...inLegend.filter((label) => answer.some(({ labels }) => (labels[label] ?? "") === "")).map((label) =>
      `a series without the legend's ${label}`
    ),
  ];
}
