import { compareBytewise, sortBytewise } from "./bytewise.ts";
import { forEachInSteps, type Steps } from "./steps.ts";

// Well below a millisecond to sort.
const runLength = 512;

/** The texts in bytewise order, as a new list: what sortBytewise gives, in steps, for lists that are very long. */
export function* sortBytewiseInSteps(texts: Iterable<string>): Steps<readonly string[]> {
  let runs: (readonly string[])[] = [];
  let run: string[] = [];
  yield* forEachInSteps(texts, (text) => {
    run.push(text);
    if (run.length < runLength) return;
    runs.push(sortBytewise(run));
    run = [];
  });
  runs.push(sortBytewise(run));
  while (runs.length > 1) {
    const merged: (readonly string[])[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(yield* merge(runs[at] ?? [], runs[at + 1] ?? []));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge(left: readonly string[], right: readonly string[]): Steps<readonly string[]> {
  const merged: string[] = [];
  let at = 0;
  yield* forEachInSteps(right, (text) => {
    for (let other = left[at]; other !== undefined; other = left[at]) {
      if (compareBytewise(other, text) > 0) break;
      merged.push(other);
      at += 1;
    }
    merged.push(text);
  });
  yield* forEachInSteps(restOf(left, at), (text) => merged.push(text));
  return merged;
}

function* restOf(list: readonly string[], from: number): Generator<string> {
  for (let at = from; at < list.length; at += 1) yield list[at] ?? "";
}
