import { compareBytewise } from "../../domain/bytewise.ts";
import { splitRealm } from "../../domain/names.ts";
import type { ExplainContext } from "./context.ts";
import { maxGrants, type Grant, type GrantChange } from "./explanation.ts";
import { addMember, leastSizeOf, sizeOf, type GrantPart } from "./grant-part.ts";
import { partsForAllPools } from "./grants-for-all-pools.ts";
import type { Plan } from "./plan.ts";
import { findRealmDoor } from "./realm-door.ts";
import type { RealmAnswer } from "./realm-answer.ts";

/** How many grants are sized to find the smallest. */
export const maxSizedGrants = 200;

/** Parts that together are enough, before their size is known. */
interface Candidate {
  readonly parts: readonly GrantPart[];
  readonly leastSize: number;
  /** Tells candidates apart, and orders those of one size. */
  readonly key: string;
}

/**
 * The smallest grants that would turn the denial that a plan came to into an allow, at most maxGrants. None
 * makes the caller the submitter, declares a permission, or creates a pool, a project or a group.
 */
export function smallestGrants(
  context: ExplainContext,
  plan: Plan,
  lookUp: (permission: string, realm: string) => RealmAnswer,
): readonly Grant[] {
  const lists: (readonly GrantPart[])[] = [...partsAtServer(context, plan)];
  if (plan.pools.need === "all" && plan.pools.names.length > 1) {
    lists.push(...partsForAllPools(context, plan, lookUp));
  } else {
    for (const part of partsInRealms(context, plan)) lists.push([part]);
  }
  return chooseSmallest(context, toCandidates(context, lists));
}

/** The groups that have the permission at the server level. */
function* partsAtServer(context: ExplainContext, plan: Plan): Generator<readonly GrantPart[]> {
  if (plan.server === undefined) return;
  for (const name of context.inspection.snapshot.fleet.serverGroups(plan.server)) {
    const group = context.groups.find(name);
    if (group !== undefined) yield [addMember(context, group)];
  }
}

/** What would do in one of the realms that were looked at, each realm once. */
function* partsInRealms(context: ExplainContext, plan: Plan): Generator<GrantPart> {
  const groups = new Set<number>();
  for (const { permission, realm } of realmsOf(context, plan)) {
    const door = findRealmDoor(context, permission, realm);
    if (door === undefined) continue;
    yield door.bind;
    for (const group of door.groups) {
      if (!groups.has(group)) yield addMember(context, group);
      groups.add(group);
    }
  }
}

function* realmsOf(
  context: ExplainContext,
  plan: Plan,
): Generator<{ readonly permission: string; readonly realm: string }> {
  if (plan.realm !== undefined) yield plan.realm;
  const { permission, names } = plan.pools;
  const seen = new Set<string>();
  for (const pool of names) {
    const realm = context.inspection.snapshot.fleet.realmOfPool(pool);
    if (realm === undefined || seen.has(realm)) continue;
    seen.add(realm);
    yield { permission, realm };
  }
}

function toCandidates(
  context: ExplainContext,
  lists: readonly (readonly GrantPart[])[],
): readonly Candidate[] {
  const candidates = new Map<string, Candidate>();
  for (const list of lists) {
    const keyed = list
      .map((part) => ({ part, key: keyOf(part.change) }))
      .sort((left, right) => compareBytewise(left.key, right.key));
    const key = JSON.stringify(keyed.map((entry) => entry.key));
    if (candidates.has(key)) continue;
    const parts = keyed.map((entry) => entry.part);
    const leastSize = Math.max(...parts.map((part) => leastSizeOf(context, part)));
    candidates.set(key, { parts, leastSize, key });
  }
  return [...candidates.values()];
}

function keyOf(change: GrantChange): string {
  return change.kind === "add_member"
    ? JSON.stringify([change.kind, change.group])
    : JSON.stringify([change.kind, change.realm, change.role]);
}

// A size takes a search; what a grant gives at least is known without. Once that exceeds the sizes that were
// found, no candidate that is left can be among the smallest.
function chooseSmallest(
  context: ExplainContext,
  candidates: readonly Candidate[],
): readonly Grant[] {
  const byLeast = candidates.toSorted(
    (left, right) => left.leastSize - right.leastSize || compareBytewise(left.key, right.key),
  );
  let best: { readonly candidate: Candidate; readonly size: number }[] = [];
  for (const candidate of byLeast.slice(0, maxSizedGrants)) {
    const worst = best[maxGrants - 1];
    if (worst !== undefined && candidate.leastSize > worst.size) break;
    best.push({ candidate, size: sizeOf(context, candidate.parts) });
    best = best
      .sort(
        (left, right) =>
          left.size - right.size ||
          left.candidate.parts.length - right.candidate.parts.length ||
          compareBytewise(left.candidate.key, right.candidate.key),
      )
      .slice(0, maxGrants);
  }
  return best.map(({ candidate, size }) => ({
    changes: createRolesOnce(candidate.parts.map((part) => part.change)),
    size,
  }));
}

/** Of several changes that bind one new role of a project, the first creates it. */
function createRolesOnce(changes: readonly GrantChange[]): readonly GrantChange[] {
  const created = new Set<string>();
  return changes.map((change) => {
    if (change.kind === "add_member" || change.createRoleWith.length === 0) return change;
    const key = `${splitRealm(change.realm).project}:${change.role}`;
    const isFirst = !created.has(key);
    created.add(key);
    return isFirst ? change : { ...change, createRoleWith: [] };
  });
}
