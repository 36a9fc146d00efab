import { foldIdentity, type Identity } from "../../domain/identity.ts";
import type { GroupEntry } from "../group-entry.ts";
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

/** Where the memberships of a context begin. */
export interface Start {
  readonly caller: Identity;
  /** Compared with direct principals; "" is none of them. */
  readonly folded: Identity;
  /** The groups that hold what the memberships begin with, and all above them. */
  readonly createReach: (groups: GroupIndex) => Reach;
  /** Why one of the first groups holds it. */
  readonly reasonOf: (group: GroupEntry) => Membership["reason"];
}

/** Makes the context of an explanation about a caller. */
export function createContext(inspection: Inspection, caller: Identity): ExplainContext {
  return createContextFrom(inspection, {
    caller,
    folded: foldIdentity(caller),
    createReach: (groups) => createReach(groups, caller),
    reasonOf: (group) => directReason(group, caller),
  });
}

/** Makes the context of what else memberships can begin with. */
export function createContextFrom(inspection: Inspection, start: Start): ExplainContext {
  const groups = groupIndexOf(inspection);
  let found: Reach | undefined;
  const reach = (): Reach => (found ??= start.createReach(groups));
  return {
    inspection,
    facts: factsOf(inspection.configuration),
    groups,
    caller: start.caller,
    folded: start.folded,
    reach,
    rankOf(name) {
      const group = groups.find(name);
      return group === undefined ? undefined : reach().rankOf(group);
    },
    membershipsTo: createMemberships(inspection, groups, start.reasonOf, reach),
  };
}

/** Many pools are often had by one group: its memberships are found once. */
function createMemberships(
  { provenance }: Inspection,
  index: GroupIndex,
  reasonOf: Start["reasonOf"],
  reach: () => Reach,
): (rank: number) => readonly Membership[] {
  const known = new Map<number, readonly Membership[]>();
  const direct = new Map<string, Membership>();

  function find(rank: number): readonly Membership[] {
    const memberships: Membership[] = [];
    let nested: string | undefined;
    for (const id of reach().pathTo(rank)) {
      const group = index.entryOf(id);
      if (group === undefined) continue;
      if (nested === undefined) memberships.push(directMembership(group));
      else memberships.push(membership(group.name, { kind: "nested", nested }));
      nested = group.name;
    }
    return memberships;
  }

  function directMembership(group: GroupEntry): Membership {
    let first = direct.get(group.name);
    if (first === undefined) {
      first = membership(group.name, reasonOf(group));
      direct.set(group.name, first);
    }
    return first;
  }

  function membership(group: string, reason: Membership["reason"]): Membership {
    return { group, reason, source: provenance.sourceOfGroup(group) ?? "" };
  }

  return (rank) => {
    let memberships = known.get(rank);
    if (memberships === undefined) {
      memberships = find(rank);
      known.set(rank, memberships);
    }
    return memberships;
  };
}

function directReason(group: GroupEntry, caller: Identity): Membership["reason"] {
  const member = memberAsTyped(group, caller);
  if (member !== undefined) return { kind: "member", member };
  return { kind: "glob", glob: globsMatching(group, caller)[0] ?? "" };
}
