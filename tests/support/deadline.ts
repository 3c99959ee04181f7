/** Tests wait on conditions, never for a time: this is how long a condition may take before it counts as not met. */
export const DEADLINE_MS = 20_000;
const LOOK_AGAIN_MS = 20;

/**
 * Waits until `condition` gives something other than `undefined`, `null` or `false`.
 * @throws {Error} after the deadline, with the last thing seen.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs: number = DEADLINE_MS,
): Promise<Exclude<T, undefined | null | false>> {
  const end = performance.now() + deadlineMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      last = await condition();
      // What is left of T is what the loop waits for.
      if (last !== undefined && last !== null && last !== false) return last as Exclude<T, undefined | null | false>;
    } catch (error) {
      last = error;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, LOOK_AGAIN_MS);
    await promise;
  }
  throw new Error(`Not within ${deadlineMs} ms: ${what} (last seen: ${String(last)})`);
}
