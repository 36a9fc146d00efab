import assert from "node:assert/strict";
import type { Outcome } from "./credential-replica.ts";
import { racers } from "./credential-storm.ts";
import type { Race } from "./one-time-storm.ts";

/** What those got who got something. */
export function done<T>(outcomes: readonly Outcome<T>[]): readonly T[] {
  return outcomes.flatMap((one) => (one.kind === "done" ? [one.value] : []));
}

/** With what the others were refused, each once. */
export function refusals(outcomes: readonly Outcome<unknown>[]): readonly string[] {
  return [...new Set(outcomes.flatMap((one) => (one.kind === "refused" ? [one.what] : [])))];
}

/** At most one got an answer; none only if that of the winner was cut off. */
export function assertOneWinner(outcomes: readonly Outcome<unknown>[]): void {
  const winners = done(outcomes).length;
  const mayBeCut = outcomes.some(({ kind }) => kind === "cut");
  assert.ok(winners === 1 || (winners === 0 && mayBeCut), `${winners} winners`);
}

/**
 * Everybody had an answer in the end, and the same one again. The first had won when its replica was killed, so it is among the winners:
 * gives what they were told at first, which is dead by now, and what at last.
 */
export function winnersOf<T>({ first, again }: Race<T>, winners: number, refusal: string) {
  const kinds = first.map(({ kind }) => kind);
  assert.deepEqual(
    again.map(({ kind }) => kind),
    kinds,
  );
  assert.equal(kinds[0], "done");
  const [lost, arrived] = [done(first), done(again)];
  assert.equal(arrived.length, winners);
  assert.deepEqual(refusals([...first, ...again]), [refusal]);
  assert.equal(kinds.filter((kind) => kind === "refused").length, racers - winners);
  return { lost, arrived };
}
