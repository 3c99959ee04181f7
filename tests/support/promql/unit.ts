/**
 * A dimension as exponents of bases: seconds, bytes, US dollars, things that were counted, and yes-or-no (`flag`).
 * `{}` is a ratio. `null` fits everything: a number written in a query.
 */
export type Unit = Readonly<Partial<Record<Base, number>>> | null;
type Base = "s" | "B" | "USD" | "n" | "step" | "flag";

export const COUNT: Unit = { n: 1 };
export const RATIO: Unit = {};
export const FLAG: Unit = { flag: 1 };
export const SECONDS: Unit = { s: 1 };

/** The unit a metric's name says by Prometheus's conventions; of a histogram's series, that of the suffix. */
export function unitOfName(name: string): Unit {
  if (/_(bucket|count)$/.test(name)) return COUNT;
  if (/_info$/.test(name) || /(^|_)up$/.test(name)) return FLAG;
  if (/_usd(_|$|:)/.test(name)) return { USD: 1 };
  if (/_bytes(_|$)/.test(name)) return { B: 1 };
  if (/_seconds(_total|_sum)?$/.test(name)) return SECONDS;
  // Steps by runs is no share of anything, unlike other counts by counts.
  return /_workflow_steps_total$/.test(name) ? { n: 1, step: 1 } : COUNT;
}

export function multiply(left: Unit, right: Unit, sign: 1 | -1): Unit {
  if (left === null && right === null) return null;
  const exponents = new Map<Base, number>();
  for (const [unit, factor] of [[left, 1], [right, sign]] as const) {
    // Keys of the type's own literal.
    for (const [base, exponent] of Object.entries(unit ?? {}) as [Base, number][]) {
      // Times 1 or 0: the other side's unit.
      if (base !== "flag") exponents.set(base, (exponents.get(base) ?? 0) + factor * exponent);
    }
  }
  const areFlags = [left, right].every((unit) => unit === null || isFlag(unit));
  return areFlags ? FLAG : Object.fromEntries([...exponents].filter(([, exponent]) => exponent !== 0));
}

export function isFlag(unit: Unit): boolean {
  return describeUnit(unit) === "flag";
}

export function isSame(left: Unit, right: Unit): boolean {
  return left === null || right === null || describeUnit(left) === describeUnit(right);
}

export function describeUnit(unit: Unit): string {
  if (unit === null) return "any";
  const parts = Object.entries(unit).sort().map(([base, exponent]) => exponent === 1 ? base : `${base}^${exponent}`);
  return parts.length === 0 ? "ratio" : parts.join("·");
}

/** What may be shown in a unit of Grafana's. */
const SHOWN_IN: Readonly<Record<string, readonly string[]>> = {
  s: ["s"],
  bytes: ["B"],
  Bps: ["B·s^-1"],
  cps: ["n·s^-1"],
  short: ["n", "n·step"],
  none: ["flag"],
  percentunit: ["ratio"],
  currencyUSD: ["USD", "USD·n^-1"],
  "suffix: steps": ["step"],
};

/** Whether a panel with this unit tells the truth about such values. An unknown unit never does. */
export function fitsGrafanaUnit(unit: Unit, grafanaUnit: string): boolean {
  const shown = SHOWN_IN[grafanaUnit];
  return shown !== undefined && (unit === null || shown.includes(describeUnit(unit)));
}
