import { sql } from "kysely";
import type { Steps } from "../domain/steps.ts";

/** All members of a group, in no order. */
export interface MembersRow {
  readonly group_name: string;
  /** Each as a JSON string on a line of its own, commas between them. */
  readonly members: string;
}

/**
 * The members of a group of rows as one text. Whatever a member is, its JSON string holds no line break: the text falls
 * into the very members again.
 */
export const membersOfRow = sql<string>`string_agg(to_json(member)::text, E',\\n')`;

const separator = ",\n";

// Some tenths of a millisecond of work, and some 500 members.
const sliceLength = 1 << 14;

/**
 * Takes the members of groups, some of a group at a time. Each of them is a text of its own: a part of a text that was cut
 * out of it would keep all of it in memory.
 */
export function* takeMembers(
  rows: Iterable<MembersRow>,
  take: (group: string, members: readonly string[]) => void,
): Steps<void> {
  for (const { group_name, members } of rows) {
    let start = 0;
    while (start < members.length) {
      const cut = members.indexOf(separator, start + sliceLength);
      const end = cut < 0 ? members.length : cut;
      const list = members.slice(start, end);
      take(group_name, JSON.parse(`[${list}]`) as readonly string[]);
      start = end + separator.length;
      yield;
    }
  }
}
