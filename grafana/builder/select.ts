/** What the boards need to know of a metric; rows of the metric table have this shape. */
export interface MetricFacts {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly { readonly name: string; readonly values?: readonly string[] }[];
  readonly buckets?: readonly number[];
}

/** `"success"` is equality, `"!success"` its opposite; a variable (`"$x"`) and a choice (`"a|b"`) are regular expressions. */
export type Matchers = Readonly<Record<string, string>>;

/** Selectors of metrics in the table, each with the job and instance the viewer chose. */
export interface Select {
  /** A counter's or gauge's series. */
  (name: string, matchers?: Matchers): string;
  /** A histogram's buckets, sum of observations and number of observations. */
  buckets(name: string, matchers?: Matchers): string;
  sum(name: string, matchers?: Matchers): string;
  count(name: string, matchers?: Matchers): string;
  /** The metric's help text, for a panel's description. */
  help(name: string): string;
}

/** @throws {TypeError} from the selectors, on a metric or a label that is not in the table: a typo in a board. */
export function createSelect(rows: readonly MetricFacts[]): Select {
  const byName = new Map(rows.map((row) => [row.name, row]));

  function find(name: string): MetricFacts {
    const row = byName.get(name);
    if (row === undefined) throw new TypeError(`Cannot select ${name} as it is not in the metric table`);
    return row;
  }
  function selector(name: string, suffix: "" | "_bucket" | "_sum" | "_count", matchers: Matchers): string {
    const row = find(name);
    if ((row.kind === "histogram") !== (suffix !== "")) {
      throw new TypeError(`Cannot select ${name}${suffix} as ${name} is a ${row.kind}`);
    }
    for (const label of Object.keys(matchers)) {
      const isKnown = row.labels.some((one) => one.name === label) || (label === "le" && suffix === "_bucket");
      if (!isKnown) throw new TypeError(`Cannot select ${name} by ${label} as it has no such label`);
    }
    const texts = Object.entries({ job: "$job", instance: "$instance", ...matchers }).map(matcher);
    return `${name}${suffix}{${texts.join(", ")}}`;
  }
  return Object.assign((name: string, matchers: Matchers = {}) => selector(name, "", matchers), {
    buckets: (name: string, matchers: Matchers = {}) => selector(name, "_bucket", matchers),
    sum: (name: string, matchers: Matchers = {}) => selector(name, "_sum", matchers),
    count: (name: string, matchers: Matchers = {}) => selector(name, "_count", matchers),
    help: (name: string) => find(name).help,
  });
}

function matcher([label, value]: readonly [string, string]): string {
  const isNegative = value.startsWith("!");
  const text = isNegative ? value.slice(1) : value;
  const isPattern = /[$|*+]/.test(text.replace(/^\+Inf$/, ""));
  return `${label}${isNegative ? "!" : isPattern ? "=" : ""}${isPattern ? "~" : "="}"${text}"`;
}
