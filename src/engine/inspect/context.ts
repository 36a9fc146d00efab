import { foldIdentity, type Identity } from "../../domain/identity.ts";
import type { Membership } from "./explanation.ts";
import { factsOf, type Facts } from "./facts.ts";
import { globsMatching, groupIndexOf, memberAsTyped, type GroupIndex } from "./group-index.ts";
import type { Inspection } from "./inspection.ts";
import { createReach, type Reach } from "./reach.ts";

/** What the steps of one explanation share. */
export interface ExplainContext {
  readonly inspection: Inspection;
  readonly facts: Facts;
  readonly groups: GroupIndex;
  readonly caller: Identity;
  /** The caller as members and direct principals are compared. */
  readonly folded: Identity;
  /** The groups of the caller; searched at the first call. */
  reach(): Reach;
  /** The rank of a group among those of the caller; undefined when the caller is not in it. */
  rankOf(group: string): number | undefined;
  /** The memberships from the caller up to the group of this rank. */
  membershipsTo(rank: number): readonly Membership[];
}

/** Makes the context of an explanation about a caller. */
export function createContext(inspection: Inspection, caller: Identity): ExplainContext {
  const groups = groupIndexOf(inspection.configuration);
  let found: Reach | undefined;
  const reach = (): Reach => (found ??= createReach(groups, caller));
  return {
    inspection,
    facts: factsOf(inspection.configuration),
    groups,
    caller,
    folded: foldIdentity(caller),
    reach,
    rankOf(name) {
      const group = groups.find(name);
      return group === undefined ? undefined : reach().rankOf(group);
    },
    membershipsTo: (rank) => membershipsOn(inspection, groups, caller, reach().pathTo(rank)),
  };
}

function membershipsOn(
  inspection: Inspection,
  index: GroupIndex,
  caller: Identity,
  path: readonly number[],
): readonly Membership[] {
  const memberships: Membership[] = [];
  let nested: string | undefined;
  for (const id of path) {
    const group = index.groups[id];
    if (group === undefined) continue;
    const source = inspection.provenance.sourceOfGroup(group.name) ?? "";
    const reason =
      nested === undefined
        ? directReason(memberAsTyped(group, caller), globsMatching(group, caller)[0])
        : ({ kind: "nested", nested } as const);
    memberships.push({ group: group.name, reason, source });
    nested = group.name;
  }
  return memberships;
}

function directReason(member: string | undefined, glob: string | undefined): Membership["reason"] {
  return member === undefined ? { kind: "glob", glob: glob ?? "" } : { kind: "member", member };
}
