import { gzip } from "node:zlib";
import { promisify } from "node:util";
import { giveWay } from "../runtime/event_loop.ts";

const compress = promisify(gzip);
/** Level 1 is half of the default's time for about a tenth more bytes, and the receiver is near. */
const GZIP_LEVEL = 1;

/** A rendered body, encoded once for everybody who asks for it. */
export class RenderedBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  #gzipped: Promise<Uint8Array<ArrayBuffer>> | null = null;

  constructor(text: string) {
    this.bytes = new TextEncoder().encode(text);
  }

  gzipped(): Promise<Uint8Array<ArrayBuffer>> {
    this.#gzipped ??= compress(this.bytes, { level: GZIP_LEVEL }).then((bytes) => new Uint8Array(bytes));
    return this.#gzipped;
  }
}

/** What one rendering gave. */
export interface Rendering {
  readonly text: string;
  /** Tells renderings apart, in the order they began. */
  readonly number: number;
}

export interface SharedRendering {
  readonly body: RenderedBody;
  readonly number: number;
}

/** Longest wait for more who ask for the same. */
const GATHER_MS = 20;

interface InFlight {
  readonly rendering: Promise<SharedRendering>;
  joined: number;
}

/** Renders that are shared by everybody who asks for the same while one is under way. */
export class SharedRender {
  readonly #inFlight = new Map<string, InFlight>();
  readonly #last = new Map<string, { readonly text: string; readonly body: RenderedBody }>();

  /** @param key What is rendered; there must be few of them, because the last body of each is kept. */
  render(key: string, start: () => Promise<Rendering>): Promise<SharedRendering> {
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
    await this.#gather(key);
    const { text, number } = await start();
    const last = this.#last.get(key);
    if (last !== undefined && last.text === text) return { body: last.body, number };
    const body = new RenderedBody(text);
    this.#last.set(key, { text, body });
    return { body, number };
  }

  /**
   * Requests that have arrived together are handed over in one turn of the event loop, or some: as long as each brings
   * more, they are waited for, because rendering itself never leaves the turn it begins in. One alone waits for one look at the sockets.
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
