import { DomainError } from "../domain/errors.ts";
import { quote } from "../domain/quote.ts";
import type { Transition } from "./guards.ts";

/**
 * The most globs of all groups together. The first check of an identity in a snapshot tries all of its kind: some 0.1 ms
 * for usual ones, and 10 ms when all are as costly as globs can be. What several groups hold counts for each of them,
 * though it is tried once: else who edits one group could find out, by filling it up, which globs other groups hold.
 */
export const maxGlobsOfAll = 3_000;

/** The most globs of one group, so that none takes up the room of all. */
export const maxGlobsOfGroup = 1_000;

/**
 * Throws LIMIT_EXCEEDED (`group_globs`, `globs`) when a change adds globs beyond a limit. What is beyond it already may
 * shrink, and change otherwise.
 */
export function checkGlobs({ before, after, changes }: Transition): void {
  const grown = new Set<string>();
  for (const change of changes) {
    if (change.kind === "group_glob" && change.after !== undefined) grown.add(change.after.group);
  }
  if (grown.size === 0) return;
  for (const name of grown) {
    const now = after.snapshot.groups.entry(name)?.globs.length ?? 0;
    const then = before.snapshot.groups.entry(name)?.globs.length ?? 0;
    if (now > maxGlobsOfGroup && now > then) throw tooManyOfGroup(name);
  }
  const now = countGlobs(after);
  if (now > maxGlobsOfAll && now > countGlobs(before)) throw tooManyOfAll();
}

function countGlobs({ snapshot }: Transition["after"]): number {
  let count = 0;
  for (const { globs } of snapshot.groups.entries()) count += globs.length;
  return count;
}

function tooManyOfGroup(group: string): DomainError {
  return new DomainError(
    "LIMIT_EXCEEDED",
    `group ${quote(group)} would hold more than ${show(maxGlobsOfGroup)} globs`,
    { limit: "group_globs", group },
  );
}

function tooManyOfAll(): DomainError {
  return new DomainError(
    "LIMIT_EXCEEDED",
    `all groups together would hold more than ${show(maxGlobsOfAll)} globs`,
    { limit: "globs" },
  );
}

function show(count: number): string {
  return count.toLocaleString("en-US");
}
