import { EMPTY_FINGERPRINT, type Fingerprint } from "./fingerprint.ts";
import type { SplitPlace } from "./line_splitter.ts";

/** Up to where a file was read, and what it held there: all that is kept while it is closed. */
export interface FilePlace extends SplitPlace {
  readonly head: Fingerprint;
  readonly beforeOffset: Fingerprint;
}

export const FILE_START: FilePlace = {
  offsetBytes: 0,
  skipping: false,
  head: EMPTY_FINGERPRINT,
  beforeOffset: EMPTY_FINGERPRINT,
};
