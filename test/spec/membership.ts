import { globMatches, isSameIdentity } from "./names.ts";
import type { World } from "./world.ts";

/**
 * Whether an identity is in a group: listed (upper and lower case of users alike), matched by a glob, or
 * in a group nested in it, at any depth. An unknown group has no members.
 */
export function isMember(
  world: World,
  identity: string,
  groupName: string,
  visiting: readonly string[] = [],
): boolean {
  const group = (world.groups ?? []).find((candidate) => candidate.name === groupName);
  // A cycle cannot be configured; the walk ends all the same.
  if (group === undefined || visiting.includes(groupName)) return false;
  return (
    (group.members ?? []).some((member) => isSameIdentity(member, identity)) ||
    (group.globs ?? []).some((glob) => globMatches(glob, identity)) ||
    (group.nested ?? []).some((nested) =>
      isMember(world, identity, nested, [...visiting, groupName]),
    )
  );
}

/** Whether an identity is one of the principals of a binding: `group:name`, or an identity. */
export function isPrincipal(
  world: World,
  identity: string,
  principals: readonly string[],
): boolean {
  return principals.some((principal) =>
    principal.startsWith("group:")
      ? isMember(world, identity, principal.slice("group:".length))
      : isSameIdentity(principal, identity),
  );
}
