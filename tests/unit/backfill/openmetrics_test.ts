import assert from "node:assert/strict";
import { renderOpenMetrics } from "../../../lib/backfill/openmetrics.ts";
import type { MetricRow } from "../../../lib/metrics/metric.ts";

const ROW: MetricRow = {
  name: "prodigy_runs_total",
  kind: "counter",
  help: 'Runs that "ended".',
  labels: [{ name: "workflow_name" }],
  stability: "stable",
  maxOpenValues: 9,
  exactness: "Exact.",
  from: {},
};

Deno.test("renderOpenMetrics() writes a counter as the exporter does, with times and the scraper's labels", () => {
  const samples = [
    { atSeconds: 1_795_500_000, value: 0, counts: null },
    { atSeconds: 1_795_500_015.25, value: 2.5, counts: null },
  ];
  const text = [...renderOpenMetrics([[ROW, [{ labels: ['a"b\\c\nd'], samples }]]], [["job", "prodigy"]])].join("");
  assert.equal(
    text,
    `# HELP prodigy_runs Runs that \\"ended\\".
# TYPE prodigy_runs counter
prodigy_runs_total{workflow_name="a\\"b\\\\c\\nd",job="prodigy"} 0 1795500000
prodigy_runs_total{workflow_name="a\\"b\\\\c\\nd",job="prodigy"} 2.5 1795500015.25
# EOF
`,
  );
});

Deno.test("renderOpenMetrics() writes each of a histogram's series with all its times", () => {
  const row: MetricRow = { ...ROW, name: "prodigy_seconds", kind: "histogram", labels: [], buckets: [0.5, 10] };
  const samples = [
    { atSeconds: 30, value: 0, counts: Float64Array.of(0, 0, 0) },
    { atSeconds: 45, value: 21, counts: Float64Array.of(1, 0, 2) },
  ];
  const text = [...renderOpenMetrics([[row, [{ labels: [], samples }]]], [])].join("");
  assert.deepEqual(text.split("\n").filter((line) => line.startsWith("prodigy")), [
    'prodigy_seconds_bucket{le="0.5"} 0 30',
    'prodigy_seconds_bucket{le="0.5"} 1 45',
    'prodigy_seconds_bucket{le="10"} 0 30',
    'prodigy_seconds_bucket{le="10"} 1 45',
    'prodigy_seconds_bucket{le="+Inf"} 0 30',
    'prodigy_seconds_bucket{le="+Inf"} 3 45',
    "prodigy_seconds_sum 0 30",
    "prodigy_seconds_sum 21 45",
    "prodigy_seconds_count 0 30",
    "prodigy_seconds_count 3 45",
  ]);
});
