import { giveWay } from "../runtime/event_loop.ts";
import { PiecewiseGzip } from "./piecewise_gzip.ts";
import { RenderedBody } from "./rendered_body.ts";

/** What one rendering gave. */
export interface Rendering {
  /** The body's text, one after the other. */
  readonly pieces: readonly string[];
  /** Tells renderings apart, in the order they began. */
  readonly number: number;
}

export interface SharedRendering {
  readonly body: RenderedBody;
  readonly number: number;
}

/** Longest wait for more who ask for the same. */
const GATHER_MS = 20;
/** Who asks within so long after another one asks at the same time. */
const TOGETHER_MS = 10;
/** Those who scrape together do so at every interval, which is seldom longer. */
const REMEMBERED_MS = 120_000;

interface InFlight {
  readonly rendering: Promise<SharedRendering>;
  joined: number;
}

/** Renders that are shared by everybody who asks for the same while one is under way. */
export class SharedRender {
  readonly #inFlight = new Map<string, InFlight>();
  readonly #gzips = new Map<string, PiecewiseGzip>();
  #askedAtMs = -Infinity;
  /** When two last asked together. */
  #togetherAtMs = -Infinity;

  /** @param key What is rendered: one of a few. */
  render(key: string, start: () => Promise<Rendering>): Promise<SharedRendering> {
    const nowMs = performance.now();
    if (nowMs - this.#askedAtMs < TOGETHER_MS) this.#togetherAtMs = nowMs;
    this.#askedAtMs = nowMs;
    const running = this.#inFlight.get(key);
    if (running !== undefined) {
      running.joined++;
      return running.rendering;
    }
    const rendering = this.#run(key, start).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, { rendering, joined: 0 });
    return rendering;
  }

  async #run(key: string, start: () => Promise<Rendering>): Promise<SharedRendering> {
    if (this.#askedAtMs - this.#togetherAtMs < REMEMBERED_MS) await this.#gather(key);
    const { pieces, number } = await start();
    return { body: new RenderedBody(pieces, this.#gzipOf(key)), number };
  }

  #gzipOf(key: string): PiecewiseGzip {
    const known = this.#gzips.get(key);
    if (known !== undefined) return known;
    const gzip = new PiecewiseGzip();
    this.#gzips.set(key, gzip);
    return gzip;
  }

  /**
   * Requests that have arrived together are handed over in one turn of the event loop, or some: as long as each brings
   * more, they are waited for, because rendering itself seldom leaves the turn it begins in. That costs one look at the
   * sockets, a tenth of a scrape, so it is done where some asked together before.
   */
  async #gather(key: string): Promise<void> {
    const untilMs = performance.now() + GATHER_MS;
    let known: number;
    let joined = 0;
    do {
      known = joined;
      await giveWay();
      joined = this.#inFlight.get(key)?.joined ?? 0;
    } while (joined > known && performance.now() < untilMs);
  }
}
