import { matchesGlob, type Glob } from "../domain/glob.ts";
import type { Identity } from "../domain/identity.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a request asks about; [] when it names no such thing. */
export interface Question {
  readonly permission: string;
  readonly pools: readonly string[];
  readonly bots: readonly string[];
  readonly realms: readonly string[];
}

/**
 * Whether some delegation lets the peer ask the question about another caller. One with realms covers
 * only questions that touch a realm, and all of whose realms it lists: the realms that the question names,
 * those of its pools, and those of all pools of its bots. An unknown pool is in no realm. Nobody may ask
 * about `task:` callers by this alone. That a peer may ask about itself is not tested here.
 */
export function mayAskOnBehalf(
  snapshot: Snapshot,
  peer: Identity,
  caller: Identity,
  question: Question,
): boolean {
  return !isTask(caller) && isDelegated(snapshot, peer, caller, question);
}

/** Whether an identity is a task's. */
export function isTask(identity: Identity): boolean {
  return identity.startsWith("task:");
}

/** The same, also about `task:` callers: for who has proof of the caller. */
export function isDelegated(
  snapshot: Snapshot,
  peer: Identity,
  caller: Identity,
  question: Question,
): boolean {
  let touched: Touched | undefined;
  for (const { group, callerGlobs, permissions, realms } of snapshot.delegations) {
    if (!snapshot.authDb.isMember(peer, group)) continue;
    if (callerGlobs !== undefined && !matchesAny(callerGlobs, caller)) continue;
    if (permissions?.has(question.permission) === false) continue;
    if (realms === undefined) return true;
    touched ??= realmsTouched(snapshot, question);
    if (touched.length > 0 && isWithin(touched, realms)) return true;
  }
  return false;
}

function matchesAny(globs: readonly Glob[], caller: Identity): boolean {
  for (const glob of globs) if (matchesGlob(glob, caller)) return true;
  return false;
}

/** The realms that a question touches, each once; undefined among them stands for the pools that are unknown. */
type Touched = readonly (string | undefined)[];

function realmsTouched({ fleet }: Snapshot, { realms, pools, bots }: Question): Touched {
  // The question of every day names one pool.
  const [pool] = pools;
  const isOnePool = pool !== undefined && pools.length + realms.length + bots.length === 1;
  if (isOnePool) return [fleet.realmOfPool(pool)];
  const touched = new Set<string | undefined>(realms);
  for (const name of pools) touched.add(fleet.realmOfPool(name));
  // The bots of one group have one list of pools, which may be long.
  const seen = new Set<readonly string[]>();
  for (const bot of bots) {
    const list = fleet.poolsOfBot(bot);
    if (seen.has(list)) continue;
    seen.add(list);
    for (const name of list) touched.add(fleet.realmOfPool(name));
  }
  return [...touched];
}

function isWithin(touched: Touched, allowed: ReadonlySet<string>): boolean {
  for (const realm of touched) {
    if (realm === undefined || !allowed.has(realm)) return false;
  }
  return true;
}
