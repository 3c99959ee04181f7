import { setImmediate } from "node:timers/promises";

/**
 * Deno's scheduler, tokio, looks whether anything has arrived on a socket only every 61st time it has something to run
 * (`event_interval`), and until then runs what is ready. A turn of the event loop costs about a microsecond.
 */
const TURNS_UNTIL_IO = 61;
/** What has arrived takes some more to reach whoever waits for it. */
const TURNS_UNTIL_HANDLED = 20;

/** Lets everything run that is ready, or has arrived meanwhile. To be called between slices of work. */
export async function giveWay(): Promise<void> {
  for (let turn = 0; turn < TURNS_UNTIL_IO + TURNS_UNTIL_HANDLED; turn++) await setImmediate();
}
