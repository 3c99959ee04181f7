import { chromium } from "playwright-core";
import { AckClient } from "../tests/support/ack_client.ts";
import { eventLine } from "../tests/support/event_lines.ts";
import { fromFileUrl } from "../tests/support/file_url.ts";
import { type Program, startProgram } from "../tests/support/program.ts";
import { createScratch } from "../tests/support/scratch.ts";

const IMAGES = fromFileUrl(new URL("./images/", import.meta.url));
const SIZE = { width: 1120, height: 760 };
const JOB = "mapreduce-20261124_090000";
const MINUTE_MS = 60_000;

type Fields = Readonly<Record<string, unknown>>;

/** Renews docs/images: `deno task screenshots`, after a change to the page. Needs Debian's chromium. */
if (import.meta.main) {
  using scratch = createScratch();
  await using program = await startProgram({ home: scratch.path });
  await new AckClient(program.socketPath).send([...morning(Date.now())]);
  await program.untilValue('prodigy_workflow_executions_total{workflow_name="nightly-docs",status="success"}', 1);
  await takePictures(program);
}

async function takePictures(program: Program): Promise<void> {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  });
  try {
    for (const [colorScheme, file] of [["light", "page.png"], ["dark", "page-dark.png"]] as const) {
      const context = await browser.newContext({ viewport: SIZE, colorScheme });
      const page = await context.newPage();
      await page.goto(`http://127.0.0.1:${program.port}/`);
      await page.screenshot({ path: IMAGES + file });
      await context.close();
    }
  } finally {
    await browser.close();
  }
}

/** What a busy morning has told until now. */
function* morning(nowMs: number): Generator<string> {
  const at = (minutesAgo: number, event: Fields): string => eventLine(event, new Date(nowMs - minutesAgo * MINUTE_MS));
  yield at(64, { event_type: "workflow_started", workflow_id: "w1", workflow_name: "nightly-docs", total_steps: 4 });
  yield at(41, run("w1", "nightly-docs", "success", 23));
  yield at(40, { event_type: "workflow_started", workflow_id: "w2", workflow_name: "release", total_steps: 6 });
  yield at(33, run("w2", "release", "failed", 7));
  yield at(14, {
    event_type: "workflow_started",
    workflow_id: "workflow-1795478643740",
    workflow_name: "fix-lint",
    total_steps: 5,
  });
  for (let index = 0; index < 3; index++) {
    yield at(12 - 3 * index, {
      event_type: "step_completed",
      workflow_id: "workflow-1795478643740",
      step_index: index,
      step_type: index === 1 ? "shell" : "claude",
      status: "success",
      duration: 40 + 90 * index,
    });
  }
  yield at(26, {
    event_type: "job_started",
    job_id: JOB,
    config: {},
    total_items: 40,
    timestamp: new Date(nowMs - 26 * MINUTE_MS),
  });
  for (let index = 0; index < 29; index++) {
    const agent = { job_id: JOB, agent_id: `${JOB}_agent_${index}` };
    yield at(25 - index * 0.8, { event_type: "agent_started", ...agent, attempt: 1 });
    if (index >= 25) continue;
    if (index % 11 === 7) {
      yield at(24 - index * 0.8, { event_type: "agent_failed", ...agent, error: "timed out", retry_eligible: false });
      yield at(24 - index * 0.8, { event_type: "dlq_item_added", job_id: JOB, item_id: `item_${index}` });
    } else yield at(24 - index * 0.8, { event_type: "agent_completed", ...agent, duration: 48, commits: [] });
  }
  yield at(5, {
    event_type: "claude_token_usage",
    model: "claude-sonnet-4-5",
    workflow_name: "fix-lint",
    input_tokens: 184_200,
    output_tokens: 96_400,
    cache_read_tokens: 8_410_000,
    cache_creation_tokens: 612_000,
  });
}

function run(id: string, name: string, status: string, minutes: number): Fields {
  return { event_type: "workflow_completed", workflow_id: id, workflow_name: name, status, duration: minutes * 60 };
}
