import type { MetricRow } from "./metric.ts";

/** The text of docs/metrics-reference.md. */
export function describeMetricsReference(rows: readonly MetricRow[]): string {
  const groups = Map.groupBy(rows, subjectOf);
  const sections = [...groups].map(([subject, members]) =>
    `## ${subject}\n\n${members.map(describeMetric).join("\n\n")}`
  );
  const worstCase = rows.reduce((sum, row) => sum + worstCaseSeries(row), 0);
  const paragraphs = [
    "# Metrics",
    "Every metric of prodigy-exporter. _Stable_ names and labels change only with a new major version; _experimental_ " +
    "ones may change with any version, and the changelog says so.",
    "Labels with a list of values are closed sets: all their values are there from the start, at 0, and anything else " +
    "becomes `other`. Other labels are open: they take as many values as their limit allows, further ones fold into " +
    "`other`, which `prodigy_exporter_limit_hits_total` counts. _At most_ is the number of time series one exporter can " +
    `come to with the default limits; all metrics together come to ${worstCase.toLocaleString("en-US")} at most, and ` +
    "`cardinality.max_series` bounds those of open labels together.",
    "Take `increase()` or `rate()` of counters, never their value: it depends on when the exporter began to count. " +
    "Durations are in seconds, sizes in bytes, cost in US dollars and always an estimate.",
    ...sections,
  ];
  return `${paragraphs.map((text) => text.split("\n").map((line) => wrap(line)).join("\n")).join("\n\n")}\n`;
}

const LINE_WIDTH = 120;

/** Breaks a line as the formatter does: between words, never inside code; list items go on indented. */
function wrap(line: string): string {
  const indent = line.startsWith("- ") ? "  " : "";
  const words = line.match(/(?:`[^`]*`|[^\s`])+/g) ?? [];
  const lines = [""];
  for (const word of words) {
    const current = lines[lines.length - 1] ?? "";
    const joined = current === "" ? word : `${current} ${word}`;
    if (joined.length <= LINE_WIDTH || current === "") lines[lines.length - 1] = joined;
    else lines.push(`${indent}${word}`);
  }
  return lines.join("\n");
}

/** Most time series a row can come to; "other" is one more value of an open label. */
export function worstCaseSeries({ kind, labels, buckets = [], maxOpenValues }: MetricRow): number {
  const closed = labels.reduce((product, { values }) => product * (values?.length ?? 1), 1);
  const open = labels.some(({ values }) => values === undefined) ? maxOpenValues + 1 : 1;
  // A histogram has a series for each bound, +Inf, the sum and the count.
  return closed * open * (kind === "histogram" ? buckets.length + 3 : 1);
}

/** A query to begin with. */
export function examplePromql({ name, kind, labels }: MetricRow): string {
  const by = labels.length === 0 ? "" : ` by (${labels.map((label) => label.name).join(", ")})`;
  switch (kind) {
    case "counter":
      return `sum${by} (increase(${name}[1h]))`;
    case "gauge":
      return `max${by} (${name})`;
    case "histogram": {
      const names = ["le", ...labels.map((label) => label.name)];
      return `histogram_quantile(0.95, sum by (${names.join(", ")}) (rate(${name}_bucket[1h])))`;
    }
  }
}

function subjectOf({ name }: MetricRow): string {
  const subjects: readonly (readonly [prefix: string, subject: string])[] = [
    ["prodigy_workflow_", "Workflows"],
    ["prodigy_step_", "Steps"],
    ["prodigy_mapreduce_", "MapReduce jobs and agents"],
    ["prodigy_agent_", "MapReduce jobs and agents"],
    ["prodigy_claude_", "Claude"],
    ["prodigy_exporter_", "The exporter itself"],
    ["process_", "The exporter's process"],
  ];
  return subjects.find(([prefix]) => name.startsWith(prefix))?.[1] ?? "Prodigy's store";
}

function describeMetric(row: MetricRow): string {
  const { name, kind, help, labels, buckets, stability, exactness } = row;
  const facts = [
    `${kind}, ${stability}, at most ${worstCaseSeries(row).toLocaleString("en-US")} series`,
    ...labels.map((label) => `label \`${label.name}\`: ${describeValues(label.values)}`),
    ...buckets === undefined ? [] : [`buckets: ${buckets.join(", ")}`],
    `source: ${exactness}`,
    `example: \`${examplePromql(row)}\``,
  ];
  return `### ${name}\n\n${help}\n\n${facts.map((fact) => `- ${fact}`).join("\n")}`;
}

function describeValues(values: readonly string[] | undefined): string {
  return values === undefined ? "open" : values.map((value) => `\`${value}\``).join(", ");
}
