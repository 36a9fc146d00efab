import { sortByName } from "../../domain/bytewise.ts";
import { invalidField } from "../../domain/errors.ts";
import type { GroupEntry } from "../../engine/group-entry.ts";
import { mayReadAllGroups, mayReadGroup } from "../../engine/group-rights.ts";
import type { GroupRead } from "./get-group.ts";

/** Checks the beginning of names that a list is asked for. Fails with INVALID_FIELD. */
export function checkNamePrefix(prefix: string): void {
  if (!/^[0-9a-z_.@/-]{0,201}$/.test(prefix)) {
    throw invalidField("prefix", 'must be at most 201 of "0-9 a-z _ - . @ /"');
  }
}

/** The groups that the asker may read and whose names begin so, by name. */
export function listGroups(
  { asker, rights, state }: GroupRead,
  prefix: string,
): readonly GroupEntry[] {
  const all = mayReadAllGroups(rights, asker);
  const groups: GroupEntry[] = [];
  for (const entry of state.snapshot.groups.entries()) {
    if (!entry.name.startsWith(prefix)) continue;
    if (all || mayReadGroup(rights, asker, entry)) groups.push(entry);
  }
  return sortByName(groups);
}
