import type { EntityChange } from "../domain/entity.ts";
import type { GroupMembers } from "./groups/group-members.ts";

/** A group as a version of the graph has it. Immutable. */
export interface GroupEntry {
  /** The number of the name: the same in all versions of a lineage, not in the order of names. */
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly owners: string;
  /** The source that manages it; "" when none does. */
  readonly managedBy: string;
  /** Of the last change of the group or of one of its parts. */
  readonly revision: bigint;
  /** Identities, folded, with their texts as typed. */
  readonly members: GroupMembers;
  /** Sorted, distinct. */
  readonly globs: readonly string[];
  /** Names, sorted, distinct; some may not exist. */
  readonly nested: readonly string[];
}

/** A group without its parts, as it is loaded. */
export type GroupHead = Pick<
  GroupEntry,
  "name" | "description" | "owners" | "managedBy" | "revision"
>;

/** A change of a group or of one of its parts, as one item of the change log has it. */
export interface GroupChange {
  readonly change: Extract<
    EntityChange,
    { readonly kind: "group" | "group_member" | "group_glob" | "group_nested" }
  >;
  readonly revision: bigint;
  /** Of a `group`: the source that manages it from now on, "" for none. With a part of a group it does not count. */
  readonly managedBy: string;
}
