/**
 * Work in pieces: it yields between them, and returns its result. Whoever drives it may let others have their turn in
 * between, so it reads nothing but what does not change, and shows nothing before it is done.
 */
export type Steps<T> = Generator<undefined, T, undefined>;

/** After how many small things there is a step: some tenths of a millisecond. */
const thingsOfStep = 256;

/** Does something with each of many values; little each time. */
export function* forEachInSteps<T>(values: Iterable<T>, act: (value: T) => void): Steps<void> {
  let count = 0;
  for (const value of values) {
    act(value);
    count += 1;
    if (count % thingsOfStep === 0) yield;
  }
}

/** Whether something holds for each of many values; it asks until it does not. */
export function* everyInSteps<T>(
  values: Iterable<T>,
  holds: (value: T) => boolean,
): Steps<boolean> {
  let count = 0;
  for (const value of values) {
    if (!holds(value)) return false;
    count += 1;
    if (count % thingsOfStep === 0) yield;
  }
  return true;
}

/** Does the work at one go. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
