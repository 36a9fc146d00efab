/**
 * Work in pieces: it yields between them, and returns its result. Whoever drives it may let others have their turn in
 * between, so it reads nothing but what does not change, and shows nothing before it is done.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Does the work at one go. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
