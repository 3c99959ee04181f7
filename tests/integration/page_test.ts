import assert from "node:assert/strict";
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Overview } from "../../lib/server/page/overview.ts";
import { type RunningServer, startServer } from "../../lib/server/server.ts";
import { until } from "../support/deadline.ts";
import { createTestHandler, SILENT, WELL } from "../support/handler.ts";
import { BUSY, IDLE } from "../support/overview.ts";
import { startProgram } from "../support/program.ts";
import { RunSimulator } from "../support/run_simulator.ts";
import { createScratch } from "../support/scratch.ts";

const CHROMIUM = "/usr/bin/chromium";
const ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

interface Shown {
  overview: Overview;
}

function serve(shown: Shown, port = 0): RunningServer {
  const handler = createTestHandler({
    status: () => ({ ...WELL, startedAtMs: Date.now() - 60_000 }),
    overview: () => shown.overview,
  });
  return startServer({ hostname: "127.0.0.1", port, log: SILENT }, handler);
}

async function withPage(
  browser: Browser,
  options: BrowserContextOptions,
  port: number,
  run: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol !== "data:" && hostname !== "127.0.0.1") complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(`http://127.0.0.1:${port}/`);
    await run(page);
    // A lost connection is reported by the browser itself; everything else would be a fault of the page.
    assert.deepEqual(complaints.filter((text) => !text.includes("ERR_CONNECTION_REFUSED")), []);
  } finally {
    await context.close();
  }
}

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    // Put there by the line above.
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}

interface AxeResults {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

async function isInstalled(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test({
  name: "the page in a browser: shows, updates, moves its bars, survives a restart, reads well",
  ignore: !await isInstalled(CHROMIUM),
  // The browser's driver keeps its own timers and pipes until the process ends.
  sanitizeOps: false,
  sanitizeResources: false,
}, async (t) => {
  const shown: Shown = { overview: IDLE };
  let server = serve(shown);
  const { port } = server.addr;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  try {
    await t.step("live: data appears and bars move, in place", async () => {
      await withPage(browser, {}, port, async (page) => {
        await page.getByText("No job is running.").waitFor();
        shown.overview = BUSY;
        await page.getByText("4 of 10 done").waitFor();
        const done = page.locator("#jobs rect.done").first();
        const ratio = async (): Promise<number> => {
          const [part, whole] = [await done.boundingBox(), await page.locator("#jobs .bar").first().boundingBox()];
          return (part?.width ?? 0) / (whole?.width ?? Infinity);
        };
        await until("the bar is at 40 %", async () => Math.abs(await ratio() - 0.4) < 0.02);
        const bar = await page.locator("#jobs .bar").first().elementHandle();
        const [job, ...others] = BUSY.jobs;
        assert.ok(job !== undefined);
        shown.overview = { ...BUSY, jobs: [{ ...job, done: 7 }, ...others] };
        await page.getByText("7 of 10 done").waitFor();
        await until("the bar is at 70 %", async () => Math.abs(await ratio() - 0.7) < 0.02);
        assert.ok(await bar?.evaluate((node) => node.isConnected), "the bar was replaced instead of moved");
      });
    });

    await t.step("a restart of the exporter is told and survived", async () => {
      await withPage(browser, {}, port, async (page) => {
        await page.getByText("4 of 10 done").or(page.getByText("7 of 10 done")).waitFor();
        await server.drain(0);
        await page.getByText("does not answer").waitFor();
        shown.overview = { ...BUSY, agentsRunning: 77 };
        server = serve(shown, port);
        await page.getByText("77").waitFor();
        await page.getByText("does not answer").waitFor({ state: "detached" });
      });
    });

    shown.overview = BUSY;
    for (const colorScheme of ["light", "dark"] as const) {
      for (const overview of [BUSY, IDLE]) {
        await t.step(`axe finds nothing: ${colorScheme}, ${overview === BUSY ? "busy" : "idle"}`, async () => {
          shown.overview = overview;
          // axe must run where the page's policy forbids scripts that are not its own.
          await withPage(browser, { colorScheme, bypassCSP: true }, port, async (page) => {
            assert.deepEqual(await violations(page), []);
          });
        });
      }
    }

    await t.step("nothing is wider than a small phone, and links are reached by keyboard", async () => {
      shown.overview = BUSY;
      await withPage(browser, { viewport: { width: 360, height: 640 } }, port, async (page) => {
        assert.ok(await page.locator("html").evaluate(({ scrollWidth }) => scrollWidth) <= 360);
        await page.keyboard.press("Tab");
        assert.equal(await page.locator(":focus").getAttribute("href"), "./metrics");
      });
    });

    await t.step("without JavaScript the page is complete", async () => {
      await withPage(browser, { javaScriptEnabled: false }, port, async (page) => {
        assert.match(await page.locator("main").innerText(), /4 of 10 done/);
      });
    });
  } finally {
    await browser.close();
    await server.drain(1000);
  }
});

Deno.test({
  name: "the page of the running program shows a run of Prodigy as it goes",
  ignore: !await isInstalled(CHROMIUM),
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  using scratch = createScratch();
  const clock = { nowMs: Date.now() };
  const prodigy = new RunSimulator({ homeDirectory: scratch.path, clock });
  const args = ["--readers-poll-interval", "50ms", "--readers-settle", "50ms", "--events-poll-interval", "50ms"];
  await using program = await startProgram({ home: scratch.path, args });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  try {
    await withPage(browser, { bypassCSP: true }, program.port, async (page) => {
      await page.getByText("No job is running.").waitFor();
      clock.nowMs = Date.now();
      const { runId, jobId } = prodigy.startMapReduce();
      for (const agent of [0, 1, 2]) prodigy.startAgent(runId, agent);
      const job = page.locator("#jobs li").filter({ hasText: jobId.replace("mapreduce-", "") });
      await job.getByText("3 agents").waitFor();
      await page.locator("#workflows").getByText(runId.slice("session-".length, 16)).waitFor();

      clock.nowMs = Date.now();
      prodigy.agentSucceeds(runId, 0);
      prodigy.agentFails(runId, 1);
      await job.getByText("1 done").waitFor();
      await job.getByText("1 failed").waitFor();
      await job.getByText("1 in the dead-letter queue").waitFor();
      await job.getByText("1 agents").waitFor();
      await page.locator("#figures").getByText("1 of 2").waitFor();
      clock.nowMs = Date.now();
      const message = { id: "msg_1", model: "claude-sonnet-4-5", usage: { inputTokens: 1000, outputTokens: 2000 } };
      prodigy.transcriptLine({ cwd: prodigy.agentWorktreeOf(runId, 2), sessionId: crypto.randomUUID(), message });
      await page.getByText("in 1,000, out 2,000").waitFor();
      await page.getByText("$0.03").waitFor();
      assert.deepEqual(await violations(page), []);

      clock.nowMs = Date.now();
      prodigy.agentSucceeds(runId, 2);
      prodigy.finishMapReduce(runId);
      await page.getByText("No job is running.").waitFor();
      await page.locator("#recent li").filter({ hasText: "completed job" }).waitFor();
    });
    // What the page says is what the metrics say.
    assert.equal(await program.value('prodigy_mapreduce_jobs_total{status="success"}'), 1);
  } finally {
    await browser.close();
  }
});
