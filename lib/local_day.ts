import type { Day } from "./metrics/work/today.ts";

/** The day a moment is in, by the time zone the process runs in (TZ, else the system's). */
export function localDayAt(atSeconds: number): Day {
  const at = new Date(atSeconds * 1000);
  const midnight = (days: number): number =>
    new Date(at.getFullYear(), at.getMonth(), at.getDate() + days).getTime() / 1000;
  return { beginsSeconds: midnight(0), endsSeconds: midnight(1) };
}
