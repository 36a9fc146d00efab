import { createHash } from "node:crypto";
import { invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { groupName } from "../../domain/names.ts";
import { limitExceeded } from "./group-errors.ts";
import { addMember, sortMembers, type Members } from "./group-syntax.ts";

/** The most groups that one import holds. */
export const maxImportedGroups = 100_000;

/** The most members that one import holds, each as often as it is sent. */
export const maxImportedMembers = 2_000_000;

/** The most members in one message of an import. */
export const maxMembersOfMessage = 100_000;

/** The most text that one import holds, in characters: names of groups, as often as they are sent, and members. */
export const maxImportedText = 256 * 1024 * 1024;

/** The most messages that one import consists of beside the first. */
export const maxImportMessages = 1_000_000;

/** Groups with their members, both sorted. */
export type ImportedGroups = ReadonlyMap<string, Members>;

/** Gathers the groups of an import while they come in, so that it never holds more than an import may. */
export interface ImportedGroupsBuilder {
  /** Takes one message. Fails with INVALID_FIELD and LIMIT_EXCEEDED. */
  readonly add: (message: { readonly name: string; readonly members: readonly string[] }) => void;
  /** All that was added. */
  readonly build: () => ImportedGroups;
}

const prefixPattern = /^[a-z-]{1,100}$/;

/** Creates a builder for the groups of a prefix. Fails with INVALID_FIELD. */
export function createImportedGroups(prefix: string): ImportedGroupsBuilder {
  if (!prefixPattern.test(prefix)) {
    throw invalidField("options.prefix", 'must be 1 to 100 of "a-z -", without the slash');
  }
  const groups = new Map<string, Map<Identity, Identity>>();
  const sums = { members: 0, text: 0, messages: 0 };
  return {
    add: ({ name, members }) => {
      if (!groupName.test(name) || !name.startsWith(`${prefix}/`)) {
        const rule = `must be "${prefix}/" and 1 to 100 of "0-9 a-z _ - . @"`;
        throw invalidField("group.name", rule);
      }
      if (members.length > maxMembersOfMessage) {
        throw invalidField(
          "group.members",
          `must hold at most ${show(maxMembersOfMessage)} entries`,
        );
      }
      sums.members += members.length;
      sums.text += name.length;
      sums.messages += 1;
      if (sums.messages > maxImportMessages) throw tooMany("import_messages", maxImportMessages);
      if (sums.members > maxImportedMembers) throw tooMany("import_members", maxImportedMembers);
      const group = groups.get(name) ?? new Map<Identity, Identity>();
      groups.set(name, group);
      if (groups.size > maxImportedGroups) throw tooMany("import_groups", maxImportedGroups);
      for (const [index, text] of members.entries()) {
        sums.text += text.length;
        addMember(group, `group.members[${index}]`, text);
      }
      if (sums.text > maxImportedText) throw tooMany("import_text", maxImportedText);
    },
    build: () => {
      const names = [...groups.keys()].sort();
      return new Map(names.map((name) => [name, sortMembers(groups.get(name) ?? new Map())]));
    },
  };
}

/** A hash of the groups of an import, whatever the messages in which they came. */
export function hashOfGroups(groups: ImportedGroups): string {
  const hash = createHash("sha256");
  for (const [name, members] of groups) {
    hash.update(`${JSON.stringify([name, ...members.values()])}\n`);
  }
  return hash.digest("hex");
}

function tooMany(limit: string, max: number): Error {
  return limitExceeded(limit, `one import holds at most ${show(max)} (${limit})`);
}

function show(count: number): string {
  return count.toLocaleString("en-US");
}
