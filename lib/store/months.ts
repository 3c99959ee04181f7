/** A month of `events`, which is one partition. */
export interface Month {
  /** 1970 is year 1970, January is month 1. */
  readonly year: number;
  readonly month: number;
}

/** Older and later events share the default partition, so that false clocks do not make partitions without end. */
const MONTHS_BACK = 120;
const MONTHS_AHEAD = 1;

export function monthOf(micros: number): Month {
  const date = new Date(micros / 1000);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 };
}

export function partitionName({ year, month }: Month): string {
  return `events_${year}_${String(month).padStart(2, "0")}`;
}

/** `null` for other tables' names. */
export function monthOfPartition(name: string): Month | null {
  const [, year, month] = /^events_(\d{4})_(0[1-9]|1[0-2])$/.exec(name) ?? [];
  return year === undefined ? null : { year: Number(year), month: Number(month) };
}

/** The first moment of the month, as PostgreSQL reads it. */
export function startOf({ year, month }: Month): string {
  return `${year}-${String(month).padStart(2, "0")}-01 00:00:00+00`;
}

export function nextMonth({ year, month }: Month): Month {
  return month === 12 ? { year: year + 1, month: 1 } : { year, month: month + 1 };
}

/** Whether the month gets a partition of its own. */
export function isNear(month: Month, nowMs: number): boolean {
  const distance = ordinal(month) - ordinal(monthOf(nowMs * 1000));
  return distance >= -MONTHS_BACK && distance <= MONTHS_AHEAD;
}

/** Whether all of the month lies before that time. */
export function isBefore(month: Month, micros: number): boolean {
  return ordinal(month) < ordinal(monthOf(micros));
}

function ordinal({ year, month }: Month): number {
  return year * 12 + month;
}
