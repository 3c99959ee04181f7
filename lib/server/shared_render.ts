import { gzip } from "node:zlib";
import { promisify } from "node:util";

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

/** Renders that are shared by everybody who asks for the same while one is under way. */
export class SharedRender {
  readonly #inFlight = new Map<string, Promise<SharedRendering>>();
  readonly #last = new Map<string, { readonly text: string; readonly body: RenderedBody }>();

  /** @param key What is rendered; there must be few of them, because the last body of each is kept. */
  render(key: string, start: () => Promise<Rendering>): Promise<SharedRendering> {
    const running = this.#inFlight.get(key);
    if (running !== undefined) return running;
    const begun = this.#run(key, start).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, begun);
    return begun;
  }

  async #run(key: string, start: () => Promise<Rendering>): Promise<SharedRendering> {
    // Requests that have arrived together are handed over in one turn of the event loop; this lets all of them join,
    // also when rendering itself never leaves the turn it begins in.
    await new Promise((resolve) => setTimeout(resolve, 0));
    const { text, number } = await start();
    const last = this.#last.get(key);
    if (last !== undefined && last.text === text) return { body: last.body, number };
    const body = new RenderedBody(text);
    this.#last.set(key, { text, body });
    return { body, number };
  }
}
