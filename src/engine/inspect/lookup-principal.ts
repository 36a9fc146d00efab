import type { Identity } from "../../domain/identity.ts";
import type { GroupEntry } from "../group-entry.ts";
import { globsMatching, groupIndexOf, memberAsTyped, type GroupIndex } from "./group-index.ts";
import type { Inspection } from "./inspection.ts";
import type { GroupMembership, LookedUp } from "./listings.ts";

/** How a group can hold the principal without nesting. */
interface Own {
  readonly member: string;
  readonly globs: readonly string[];
}

const nothing: Own = { member: "", globs: [] };

/**
 * Lists every group that holds a principal, sorted by name, each with all ways in which it does. Of a glob
 * only the groups that hold this very text count, and those that nest them; a group that is asked about
 * is not listed itself, even in a cycle. Undefined: there is no such group.
 */
export function lookupPrincipal(
  inspection: Inspection,
  principal: LookedUp,
): readonly GroupMembership[] | undefined {
  const index = groupIndexOf(inspection);
  const asked = principal.kind === "group" ? index.find(principal.group) : undefined;
  if (principal.kind === "group" && asked === undefined) return undefined;

  const direct = new Set(asked === undefined ? groupsThatList(index, principal) : [asked]);
  const holding = climb(index, direct);
  const memberships: GroupMembership[] = [];
  for (const id of index.byName(holding)) {
    const group = index.entryOf(id);
    if (group === undefined || id === asked) continue;
    memberships.push({
      group: group.name,
      ...(direct.has(id) ? ownWays(group, principal) : nothing),
      nested: index
        .nestedIn(id)
        .filter((nested) => holding.has(nested))
        .map((nested) => index.nameOf(nested)),
      source: inspection.provenance.sourceOfGroup(group.name) ?? "",
    });
  }
  return memberships;
}

function groupsThatList(index: GroupIndex, principal: LookedUp): readonly number[] {
  switch (principal.kind) {
    case "identity": {
      const { identity } = principal;
      return [...index.listing(identity as Identity), ...index.matching(identity as Identity)];
    }
    case "glob":
      return index.holding(principal.glob);
    default:
      return [];
  }
}

function ownWays(group: GroupEntry, principal: LookedUp): Own {
  switch (principal.kind) {
    case "identity": {
      const identity = principal.identity as Identity;
      return {
        member: memberAsTyped(group, identity) ?? "",
        globs: globsMatching(group, identity),
      };
    }
    case "glob":
      return { member: "", globs: group.globs.includes(principal.glob) ? [principal.glob] : [] };
    default:
      return nothing;
  }
}

/** The groups themselves, and every group that nests one of them at any depth; each is visited once. */
function climb(index: GroupIndex, from: Iterable<number>): ReadonlySet<number> {
  const reached = new Set(from);
  // A set hands out what is added while it is walked.
  for (const group of reached) {
    for (const parent of index.parentsOf(group)) reached.add(parent);
  }
  return reached;
}
