import type { Status } from "../status.ts";
import { formatBytes, formatCount, formatDuration, formatPercent, formatUsd } from "./format.ts";
import { type Html, html } from "./html.ts";
import type { EndedRun, JobProgress, Overview, RunningWorkflow, SourceState, Usage } from "./overview.ts";
import { progressBar } from "./progress_bar.ts";

/** Of longer lists the rest is only counted: there is one page for everything. */
const ROWS_MAX = 50;

export function problemList({ problems }: Status): Html {
  if (problems.length === 0) return html`<div id="problems"></div>`;
  const items = problems.map(({ part, problem }) => html`<li><b>${part}</b> ${problem}</li>`);
  return html`
    <div id="problems">
      <section class="alarm">
        <h2>Problems</h2>
        <ul>${items}</ul>
      </section>
    </div>
  `;
}

export function figures({ agentsRunning, today, usageToday }: Overview): Html {
  return html`<dl id="figures" class="figures">
${figure("Agents running", formatCount(agentsRunning), null)}
${rate("Agents that succeeded today", today.agentsSucceeded, today.agentsFailed)}
${rate("Workflows that succeeded today", today.runsSucceeded, today.runsFailed)}
${usageToday === null ? null : usageFigures(usageToday)}
</dl>`;
}

function rate(name: string, succeeded: number, failed: number): Html {
  const ended = succeeded + failed;
  const ratio = ended === 0 ? "–" : formatPercent(succeeded / ended);
  return figure(name, ratio, `${formatCount(succeeded)} of ${formatCount(ended)}`);
}

function usageFigures(usage: Usage): Html {
  const { inputTokens, outputTokens, cacheTokens, costUsd, unpricedModels, pricesOf } = usage;
  const tokens = `in ${formatCount(inputTokens)}, out ${formatCount(outputTokens)}, cache ${formatCount(cacheTokens)}`;
  const unpriced = unpricedModels.length === 0 ? "" : `, without ${unpricedModels.join(", ")}`;
  return html`${figure("Tokens today", formatCount(inputTokens + outputTokens + cacheTokens), tokens)}
${
    figure(
      "Estimated cost today",
      costUsd === null ? "–" : formatUsd(costUsd),
      `at prices of ${pricesOf}${unpriced}`,
    )
  }`;
}

function figure(name: string, value: string, more: string | null): Html {
  return html`
    <div>
      <dt>${name}</dt>
      <dd><b>${value}</b>${more === null ? null : html`
        <small>${more}</small>
      `}</dd>
    </div>
  `;
}

export function workflowList(workflows: readonly RunningWorkflow[]): Html {
  return list("workflows", "Running workflows", "No workflow is running.", workflows, (workflow) => {
    const { name, runLabel, elapsedSeconds, stepsDone, stepsTotal } = workflow;
    const steps = stepsDone === null ? null : html`<p>${formatCount(stepsDone)}${
      stepsTotal === null ? null : html`
        of ${formatCount(stepsTotal)}
      `
    } steps</p>`;
    const bar = stepsDone === null || stepsTotal === null
      ? null
      : progressBar([{ kind: "done", count: stepsDone }], stepsTotal);
    return html`<h3>${name} <small>${runLabel}</small></h3>${elapsed(elapsedSeconds)}${bar}${steps}`;
  });
}

export function jobList(jobs: readonly JobProgress[]): Html {
  return list("jobs", "Running jobs", "No job is running.", jobs, (job) => {
    const { label, elapsedSeconds, total, done, failed, dlq, agentsRunning } = job;
    // A failed item is usually in the queue as well; the bar shows it once.
    const otherFailed = Math.max(failed - dlq, 0);
    const bar = progressBar([
      { kind: "done", count: done },
      { kind: "failed", count: otherFailed },
      { kind: "dlq", count: dlq },
    ], total);
    const of = total === null ? null : html`
      of ${formatCount(total)}
    `;
    return html`<h3>${label}</h3>${elapsed(elapsedSeconds)}${bar}<p><span class="done">${
      formatCount(done)
    }${of} done</span>
<span class="failed">${formatCount(failed)} failed</span>
<span class="dlq">${formatCount(dlq)} in the dead-letter queue</span>
<span>${formatCount(agentsRunning)} agents</span></p>`;
  });
}

export function recentEndList(ends: readonly EndedRun[], nowMs: number): Html {
  return list("recent", "Ended lately", "Nothing has ended yet.", ends, (end) => {
    const { kind, name, outcome, endedAtMs, durationSeconds } = end;
    const ago = formatDuration(Math.max(nowMs - endedAtMs, 0) / 1000);
    const took = durationSeconds === null ? null : html`, took ${formatDuration(durationSeconds)}`;
    return html`<p><b class="${outcome === "completed" ? "done" : "failed"}">${outcome}</b> ${kind} ${name}
<small><time datetime="${new Date(endedAtMs).toISOString()}">${ago} ago</time>${took}</small></p>`;
  });
}

export function sourceTable(sources: readonly SourceState[]): Html {
  const rows = sources.map(({ name, problem, behindBytes, behindSeconds, rejectedLines }) => {
    const lag = behindBytes === 0 ? "nothing" : `${formatBytes(behindBytes)} for ${formatDuration(behindSeconds)}`;
    return html`
      <tr>
        <th scope="row">${name}</th>
        <td>${problem ?? "well"}</td>
        <td class="number">${lag}</td>
        <td class="number">${formatCount(rejectedLines)}</td>
      </tr>
    `;
  });
  return html`
    <section id="sources">
      <h2>Sources</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">State</th>
            <th scope="col" class="number">To read</th>
            <th scope="col" class="number">Rejected</th>
          </tr>
        </thead>
        <tbody>${rows}</tbody>
      </table>
    </section>
  `;
}

function elapsed(seconds: number | null): Html | null {
  return seconds === null ? null : html`<p class="elapsed">for ${formatDuration(seconds)}</p>`;
}

function list<T>(id: string, title: string, empty: string, rows: readonly T[], render: (row: T) => Html): Html {
  const items = rows.slice(0, ROWS_MAX).map((row) => html`<li>${render(row)}</li>`);
  const more = rows.length > ROWS_MAX ? html`<p>and ${formatCount(rows.length - ROWS_MAX)} more</p>` : null;
  const body = rows.length === 0 ? html`<p class="nothing">${empty}</p>` : html`<ul class="cards">${items}</ul>${more}`;
  return html`<section id="${id}"><h2>${title}</h2>${body}</section>`;
}
