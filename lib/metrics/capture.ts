/**
 * Makes a copy of some state, yielding whenever something else may run that does not change that state: a copy of many
 * jobs and series takes tens of milliseconds.
 */
export type Capture<T> = Generator<void, T>;

/** All of it at once. */
export function captured<T>(capture: Capture<T>): T {
  for (;;) {
    const step = capture.next();
    if (step.done) return step.value;
  }
}
