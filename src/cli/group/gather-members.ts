import { identityRule, parseIdentity, userHint } from "../../domain/identity.ts";
import { quote } from "../../domain/quote.ts";
import { usageError } from "../cli-error.ts";
import type { Io } from "../io.ts";
import { refuseProblems } from "./file-problem.ts";
import { readMemberList } from "./member.ts";
import { readTexts } from "./read-text.ts";

/**
 * The members that the command line names, and those of the file that it names. Members of the command line
 * are written in full; those of a file may be e-mail addresses. A usage error when one is malformed.
 */
export async function gatherMembers(
  io: Io,
  named: readonly string[],
  fromFile: string | undefined,
): Promise<string[]> {
  for (const member of named) {
    if (parseIdentity(member) === undefined) {
      throw usageError(`a member ${identityRule}: ${quote(member.slice(0, 200))}`, userHint);
    }
  }
  const members = [...named];
  for (const text of await readTexts(io, fromFile === undefined ? [] : [fromFile])) {
    const list = readMemberList(text);
    refuseProblems(io, list.problems);
    for (const member of list.members) members.push(member);
  }
  return members;
}

/** The same, and a usage error when there are none. */
export async function gatherSomeMembers(
  io: Io,
  named: readonly string[],
  fromFile: string | undefined,
): Promise<string[]> {
  const members = await gatherMembers(io, named, fromFile);
  if (members.length > 0) return members;
  throw fromFile === undefined
    ? usageError("no member is named", "name members behind the group, or a list with --from-file")
    : usageError(`${fromFile} holds no member`);
}
