import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { formatBytes, formatCount, formatDuration } from "../../../../lib/server/page/format.ts";
import { html } from "../../../../lib/server/page/html.ts";
import { pagePolicy, renderPage } from "../../../../lib/server/page/page.ts";
import { progressBar } from "../../../../lib/server/page/progress_bar.ts";
import type { Status } from "../../../../lib/server/status.ts";
import { BUSY, IDLE } from "../../../support/overview.ts";

const WELL: Status = { ready: true, reasons: [], failing: false, problems: [], startedAtMs: 0 };

/** The text of a page as a reader sees it. */
function textOf(page: string): string {
  return page.replace(/<(style|script)>[\s\S]*?<\/\1>/g, "").replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
}

Deno.test("html escapes every value but markup of its own", () => {
  const evil = `<b a="1" b='2'>&`;
  assert.equal(html`<p title="${evil}">${evil}${3}${null}</p>`.toString().includes("<b"), false);
  assert.equal(
    html`<ul>${["a", "b"].map((one) => html`<li>${one}</li>`)}</ul>`.toString(),
    "<ul><li>a</li><li>b</li></ul>",
  );
  assert.equal(html`${html`<b>${"&"}</b>`}`.toString(), "<b>&amp;</b>");
});

Deno.test("renderPage() shows all that runs, ended and is wrong", () => {
  const problems = [{ part: "socket", problem: "permission denied" }];
  const text = textOf(renderPage({ version: "1.2.3", status: { ...WELL, problems }, overview: BUSY, nowMs: 120_000 }));
  for (
    const shown of [
      "1.2.3",
      "ready",
      "up 2 min 0 s",
      "socket permission denied",
      "&lt;i&gt;fix&lt;/i&gt; &amp; test",
      "for 1 h 2 min",
      "2 of 5 steps",
      "20261124_080000",
      "4 of 10 done",
      "2 failed",
      "1 in the dead-letter queue",
      "3 agents",
      "92.5%",
      "37 of 40",
      "6 of 8",
      "failed job 20261123_070000 1 min 0 s ago , took 1 min 30 s",
      "1.5 MB for 12 s",
      "$12.35",
      "at prices of 2026-11-01, without model-x",
      "in 1,200, out 340, cache 15M",
    ]
  ) assert.ok(text.includes(shown), `${shown} is not in: ${text}`);
});

Deno.test("renderPage() says so when there is nothing, and why the exporter is not ready", () => {
  const status = { ...WELL, ready: false, reasons: ["catching up: 12 MB to read"] };
  const text = textOf(renderPage({ version: "1", status, overview: IDLE, nowMs: 0 }));
  for (const shown of ["No job is running.", "No workflow is running.", "not ready: catching up: 12 MB to read"]) {
    assert.ok(text.includes(shown), shown);
  }
  assert.ok(!/NaN|undefined|null|Infinity/.test(text), text);
});

Deno.test("renderPage() cuts long lists and counts the rest", () => {
  const [job] = BUSY.jobs;
  assert.ok(job !== undefined);
  const jobs = Array.from({ length: 1050 }, (_, index) => ({ ...job, label: `job ${index}` }));
  const page = renderPage({ version: "1", status: WELL, overview: { ...BUSY, jobs }, nowMs: 0 });
  assert.equal(page.match(/<h3>job /g)?.length, 50);
  assert.ok(page.includes("and 1,000 more"));
});

Deno.test("pagePolicy() allows exactly the page's own script and styles", () => {
  const page = renderPage({ version: "1", status: WELL, overview: BUSY, nowMs: 0 });
  const policy = pagePolicy();
  for (const tag of ["style", "script"]) {
    const [, content = ""] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page) ?? [];
    const hash = createHash("sha256").update(content).digest("base64");
    assert.ok(content.length > 500 && policy.includes(`${tag}-src 'sha256-${hash}'`), tag);
  }
  assert.ok(!/\sstyle="|\son\w+="|https?:/.test(page.replace(/<script>[\s\S]*<\/script>/, "")));
});

Deno.test("progressBar() divides the whole, and grows with its parts when they are more", () => {
  const parts = [{ kind: "done", count: 3 }, { kind: "failed", count: 1 }] as const;
  const cases = [
    { total: 8, widths: ["37.50%", "12.50%"], label: "3 done, 1 failed, of 8" },
    { total: null, widths: ["75.00%", "25.00%"], label: "3 done, 1 failed" },
    { total: 2, widths: ["75.00%", "25.00%"], label: "3 done, 1 failed, of 2" },
  ];
  for (const { total, widths, label } of cases) {
    const bar = progressBar(parts, total).toString();
    assert.deepEqual([...bar.matchAll(/ width="([^"]*)"/g)].map(([, width]) => width), widths);
    assert.ok(bar.includes(`aria-label="${label}"`), bar);
  }
  assert.ok(progressBar([{ kind: "done", count: 0 }], 0).toString().includes('width="0.00%"'));
});

Deno.test("the formats are for people", () => {
  assert.deepEqual([0, 59.9, 60, 3599, 3600, 86_400, 200_000].map(formatDuration), [
    "0 s",
    "59 s",
    "1 min 0 s",
    "59 min 59 s",
    "1 h 0 min",
    "1 d 0 h",
    "2 d 7 h",
  ]);
  assert.deepEqual([0, 999, 1000, 12_345_678, 1e15].map(formatBytes), [
    "0 B",
    "999 B",
    "1.0 KB",
    "12.3 MB",
    "1000.0 TB",
  ]);
  assert.deepEqual([0, 99_999, 1_234_567].map(formatCount), ["0", "99,999", "1.2M"]);
});
