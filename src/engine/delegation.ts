import { matchesGlob } from "../domain/glob.ts";
import { identityKind, type Identity } from "../domain/identity.ts";
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
 * about `task:` callers. That a peer may ask about itself is not tested here.
 */
export function mayAskOnBehalf(
  snapshot: Snapshot,
  peer: Identity,
  caller: Identity,
  question: Question,
): boolean {
  if (identityKind(caller) === "task") return false;
  let touched: ReadonlySet<string | undefined> | undefined;
  for (const { group, callerGlobs, permissions, realms } of snapshot.delegations) {
    if (!snapshot.authDb.isMember(peer, group)) continue;
    if (callerGlobs?.some((glob) => matchesGlob(glob, caller)) === false) continue;
    if (permissions?.has(question.permission) === false) continue;
    if (realms === undefined) return true;
    touched ??= realmsTouched(snapshot, question);
    if (touched.size > 0 && isWithin(touched, realms)) return true;
  }
  return false;
}

/** The realms that a question touches; undefined among them stands for the pools that are unknown. */
function realmsTouched(snapshot: Snapshot, question: Question): ReadonlySet<string | undefined> {
  const touched = new Set<string | undefined>(question.realms);
  for (const pool of question.pools) touched.add(snapshot.fleet.realmOfPool(pool));
  for (const bot of question.bots) {
    for (const pool of snapshot.fleet.poolsOfBot(bot)) {
      touched.add(snapshot.fleet.realmOfPool(pool));
    }
  }
  return touched;
}

function isWithin(touched: ReadonlySet<string | undefined>, allowed: ReadonlySet<string>): boolean {
  for (const realm of touched) {
    if (realm === undefined || !allowed.has(realm)) return false;
  }
  return true;
}
