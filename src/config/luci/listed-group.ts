import { foldIdentity, type Identity } from "../../domain/identity.ts";
import type { PlacedText } from "./message-reader.ts";

/** A group as a list or an export has it: every name in it is well-formed. */
export interface ListedGroup {
  readonly name: string;
  /** The file, for messages. */
  readonly path: string;
  readonly description: string;
  /** Undefined: `administrators`. */
  readonly owners: PlacedText | undefined;
  /** Identities; globs and groups below. Nothing stands in a list twice. */
  readonly members: readonly string[];
  readonly globs: readonly string[];
  readonly nested: readonly PlacedText[];
  /** How many entries were left out because they repeat another one. */
  readonly repeated: number;
  /** How many members the export hides from whoever made it. */
  readonly hidden: number;
}

/** Where group lists that were read go to, and what their readers note. */
export interface GroupEntries {
  readonly members: string[];
  readonly globs: string[];
  readonly nested: PlacedText[];
}

/** The entries with each of them once; `user:` identities that differ in case only are the same. */
export function distinctEntries({ members, globs, nested }: GroupEntries): GroupEntries & {
  readonly repeated: number;
} {
  const byKey = new Map<string, string>();
  for (const member of members) {
    const key = foldIdentity(member as Identity);
    if (!byKey.has(key)) byKey.set(key, member);
  }
  const groups = new Map<string, PlacedText>();
  for (const place of nested) if (!groups.has(place.text)) groups.set(place.text, place);
  const patterns = [...new Set(globs)];
  const before = members.length + globs.length + nested.length;
  return {
    members: [...byKey.values()],
    globs: patterns,
    nested: [...groups.values()],
    repeated: before - byKey.size - patterns.length - groups.size,
  };
}

/** The longest description of a group, in UTF-16 code units. */
export const maxGroupDescription = 10_000;

/** Whether a description can be taken over. */
export function isGroupDescription(text: string): boolean {
  // Line feeds and tabs are the only control characters that a text for people needs.
  return text.length <= maxGroupDescription && !/(?![\n\t])[\p{Cc}\u2028\u2029]|\p{Cs}/u.test(text);
}

/** What a good description is, for messages. */
export const groupDescriptionRule = `must be at most ${maxGroupDescription} characters; of control characters only line feeds and tabs`;
