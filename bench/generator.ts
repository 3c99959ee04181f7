import { agentScript, type ScriptedEvent } from "./agent_script.ts";
import { Random } from "./random.ts";

export interface GeneratorOptions {
  readonly lines: number;
  /** Every so many lines one is damaged or of an unknown type; 0: none. */
  readonly badEvery?: number;
  /** Agents each job has over time; with very many the same few jobs run all the time. */
  readonly itemsOfAJob?: number;
}

/** What must have been counted of a generated stream. */
export interface Expected {
  lines: number;
  sizeBytes: number;
  agentSeconds: number;
  readonly rejected: Record<string, number>;
  /** By the names Prodigy writes. */
  readonly events: Record<string, number>;
  readonly tools: Record<string, number>;
  readonly tokens: { input: number; output: number; cache: number };
}

interface Job {
  readonly id: string;
  readonly correlationId: string;
  readonly agents: Script[];
  nextItem: number;
}
interface Script {
  readonly events: readonly ScriptedEvent[];
  next: number;
}

const JOBS_AT_A_TIME = 4;
const AGENTS_AT_A_TIME = 10;
const START_MS = Date.UTC(2026, 10, 24);
const BLOCK_LINES = 2_000;

const BAD_LINES = [
  { reason: "bad_json", line: '{"id":"0d5c4b6e-0000-4000-a000-000000000000","timestamp":"2026-11-24T00:0' },
  { reason: "not_an_event", line: '"a text"' },
  { reason: "unknown_event_type", line: '{"event":{"event_type":"agent_teleported","job_id":"j"}}' },
  { reason: "missing_field", line: '{"event":{"event_type":"agent_completed","job_id":"j"}}' },
  { reason: "wrong_field_type", line: '{"event":{"event_type":"job_paused","job_id":7}}' },
] as const;

/**
 * Event lines as Prodigy 0.4.4 would write them: its key order, its ids, times with nine digits, metadata in any order;
 * a few jobs at a time with ten agents each. The same for the same options, and `expected` says what they count.
 */
export class EventLines {
  readonly expected: Expected = {
    lines: 0,
    sizeBytes: 0,
    agentSeconds: 0,
    rejected: {},
    events: {},
    tools: {},
    tokens: { input: 0, output: 0, cache: 0 },
  };
  readonly #options: Required<GeneratorOptions>;
  readonly #random = new Random(0x9e3779b9);
  readonly #jobs: Job[] = [];
  #jobsStarted = 0;
  #atMs = START_MS;
  #bad = 0;

  constructor(options: GeneratorOptions) {
    this.#options = { badEvery: 0, itemsOfAJob: 200, ...options };
  }

  /** Blocks of whole lines, each ended by a newline. */
  *blocks(): Generator<string> {
    let block = "";
    for (let line = 1; line <= this.#options.lines; line++) {
      const { badEvery } = this.#options;
      block += badEvery > 0 && line % badEvery === 0 ? this.#badLine() : this.#goodLine();
      block += "\n";
      if (line % BLOCK_LINES !== 0 && line < this.#options.lines) continue;
      this.expected.lines = line;
      this.expected.sizeBytes += new TextEncoder().encode(block).length;
      yield block;
      block = "";
    }
  }

  #badLine(): string {
    const { reason, line } = BAD_LINES[this.#bad++ % BAD_LINES.length] ?? BAD_LINES[0];
    count(this.expected.rejected, reason, 1);
    return line;
  }

  #goodLine(): string {
    this.#atMs += this.#random.below(20);
    const job = this.#anyJob();
    const event = this.#nextEvent(job);
    this.#expect(event);
    const at = new Date(this.#atMs).toISOString().slice(0, -1);
    return `{"id":"${this.#random.uuid()}","timestamp":"${at}367182Z","correlation_id":"${job.correlationId}",` +
      `"event":{"event_type":"${event.type}",${event.members}},"metadata":${this.#metadata()}}`;
  }

  /** A HashMap of Rust: another order in each line. */
  #metadata(): string {
    const members = ['"host":"localhost"', '"thread":"tokio-rt-worker"', '"pid":23682'];
    const [first] = members.splice(this.#random.below(3), 1);
    return `{${[first, ...this.#random.chance(50) ? members : members.reverse()].join(",")}}`;
  }

  #anyJob(): Job {
    const at = this.#random.below(JOBS_AT_A_TIME);
    return this.#jobs[at] ??= this.#newJob();
  }

  #newJob(): Job {
    const start = new Date(START_MS + ++this.#jobsStarted * 61_000).toISOString();
    const stamp = start.slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "_");
    return { id: `mapreduce-${stamp}`, correlationId: this.#random.uuid(), agents: [], nextItem: -1 };
  }

  #nextEvent(job: Job): ScriptedEvent {
    if (job.nextItem === -1) {
      job.nextItem = 0;
      return {
        type: "job_started",
        members: `"job_id":"${job.id}","config":{"input":"items.json","max_parallel":10,"batch_size":null},` +
          `"total_items":${this.#options.itemsOfAJob},"timestamp":"2026-11-24T00:04:54Z"`,
      };
    }
    while (job.agents.length < AGENTS_AT_A_TIME && job.nextItem < this.#options.itemsOfAJob) {
      job.agents.push({ events: agentScript(this.#random, job.id, job.nextItem++), next: 0 });
    }
    const at = this.#random.below(Math.max(1, job.agents.length));
    const agent = job.agents[at];
    const event = agent?.events[agent.next];
    if (agent === undefined || event === undefined) return this.#endJob(job);
    agent.next++;
    if (agent.next === agent.events.length) job.agents.splice(at, 1);
    return event;
  }

  #endJob(job: Job): ScriptedEvent {
    this.#jobs[this.#jobs.indexOf(job)] = this.#newJob();
    return {
      type: "job_completed",
      members: `"job_id":"${job.id}","duration":[125,250000000],"success_count":190,"failure_count":10`,
    };
  }

  #expect({ type, tool, tokens, agentSeconds }: ScriptedEvent): void {
    const { expected } = this;
    count(expected.events, type, 1);
    if (tool !== undefined) count(expected.tools, tool, 1);
    if (tokens !== undefined) {
      expected.tokens.input += tokens.input;
      expected.tokens.output += tokens.output;
      expected.tokens.cache += tokens.cache;
    }
    expected.agentSeconds += agentSeconds ?? 0;
  }
}

function count(counts: Record<string, number>, name: string, by: number): void {
  counts[name] = (counts[name] ?? 0) + by;
}
