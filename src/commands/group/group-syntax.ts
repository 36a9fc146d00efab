import { groupDescription } from "../../config/rules/groups.ts";
import { sortedSet } from "../../domain/bytewise.ts";
import { invalidField } from "../../domain/errors.ts";
import { globRule, parseGlob } from "../../domain/glob.ts";
import { foldIdentity, identityRule, parseIdentity, type Identity } from "../../domain/identity.ts";
import { groupName, rootGroup } from "../../domain/names.ts";

/** The most members that one request holds. */
export const maxMembers = 100_000;

/** The most globs that one group holds. */
export const maxGlobs = 10_000;

/** The most nested groups that one group holds. */
export const maxNested = 10_000;

/** Identities by their folded form, as typed, sorted by the folded form. */
export type Members = ReadonlyMap<Identity, Identity>;

/** Reads members, of which each may come several times: the first spelling counts. Fails with INVALID_FIELD. */
export function readMembers(field: string, texts: readonly string[]): Members {
  checkCount(field, texts.length, maxMembers);
  const members = new Map<Identity, Identity>();
  for (const [index, text] of texts.entries()) addMember(members, `${field}[${index}]`, text);
  return sortMembers(members);
}

/** Adds one member unless it is there in any spelling; whether it was added. Fails with INVALID_FIELD. */
export function addMember(members: Map<Identity, Identity>, field: string, text: string): boolean {
  const identity = parseIdentity(text);
  if (identity === undefined) throw invalidField(field, identityRule);
  const folded = foldIdentity(identity);
  if (members.has(folded)) return false;
  members.set(folded, identity);
  return true;
}

/** The same members in the order of their folded form. */
export function sortMembers(members: Members): Members {
  // Identities are ASCII, so the native order is the bytewise one.
  return new Map([...members].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Reads globs: distinct, sorted. Fails with INVALID_FIELD. */
export function readGlobs(field: string, texts: readonly string[]): readonly string[] {
  checkCount(field, texts.length, maxGlobs);
  for (const [index, text] of texts.entries()) {
    if (parseGlob(text) === undefined) throw invalidField(`${field}[${index}]`, globRule);
  }
  return sortedSet(texts);
}

/** Reads the names of nested groups: distinct, in the order of the request. Fails with INVALID_FIELD. */
export function readNested(field: string, texts: readonly string[]): readonly string[] {
  checkCount(field, texts.length, maxNested);
  for (const [index, text] of texts.entries()) {
    if (!groupName.test(text)) throw invalidField(`${field}[${index}]`, groupName.rule);
  }
  return [...new Set(texts)];
}

/** Reads the owners of a group: `administrators` when none are named. Fails with INVALID_FIELD. */
export function readOwners(field: string, text: string): string {
  if (text === "") return rootGroup;
  if (!groupName.test(text)) throw invalidField(field, groupName.rule);
  return text;
}

/** Reads the description of a group. Fails with INVALID_FIELD. */
export function readDescription(field: string, text: string): string {
  if (!groupDescription.test(text)) throw invalidField(field, groupDescription.rule);
  return text;
}

function checkCount(field: string, count: number, max: number): void {
  if (count > max) {
    throw invalidField(field, `must hold at most ${max.toLocaleString("en-US")} entries`);
  }
}
