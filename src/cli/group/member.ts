import { identityRule, parseIdentity } from "../../domain/identity.ts";
import { quote } from "../../domain/quote.ts";
import type { FileProblem } from "./file-problem.ts";

/** A member as a file has it, or what is wrong with it. */
export type ReadMember =
  | { readonly kind: "member"; readonly identity: string }
  | { readonly kind: "problem"; readonly message: string };

/**
 * Reads one member of a file: an identity `kind:value`, an e-mail address, which is a `user:`, or with `domain` a
 * bare name of that domain.
 */
export function readMember(text: string, domain: string | undefined): ReadMember {
  const identity = parseIdentity(withKind(text, domain));
  if (identity !== undefined) return { kind: "member", identity };
  const shown = quote(text.slice(0, 200));
  if (text.includes("*")) {
    return problem(`${shown} looks like a glob, which is no member: see --glob of group update`);
  }
  if (text.startsWith("group:")) {
    return problem(`${shown} is a group, which is no member: see --nest of group update`);
  }
  if (!/[:@]/.test(text) && domain === undefined) {
    return problem(`${shown} has no kind: write "kind:value", e.g. "user:name@domain"`);
  }
  return problem(`a member ${identityRule}: ${shown}`);
}

function withKind(text: string, domain: string | undefined): string {
  if (text.includes(":")) return text;
  if (text.includes("@")) return `user:${text}`;
  return domain === undefined ? text : `user:${text}@${domain}`;
}

function problem(message: string): ReadMember {
  return { kind: "problem", message };
}

/** The lines of a text that hold something, without comments: from `#` at the start or behind a space to the end. */
export function* contentLines(
  text: string,
): Iterable<{ readonly line: number; readonly text: string }> {
  for (const [index, line] of text.split(/\r\n|[\n\r]/).entries()) {
    const content = line.replace(/(?:^|[ \t])#.*$/u, "").trim();
    if (content !== "") yield { line: index + 1, text: content };
  }
}

/** Reads a list of members, one a line; blank lines and comments are passed over. Never throws. */
export function readMemberList(
  { path, text }: { readonly path: string; readonly text: string },
  domain?: string,
): { readonly members: readonly string[]; readonly problems: readonly FileProblem[] } {
  const members: string[] = [];
  const problems: FileProblem[] = [];
  for (const content of contentLines(text)) {
    const member = readMember(content.text, domain);
    if (member.kind === "member") members.push(member.identity);
    else problems.push({ file: path, line: content.line, message: member.message });
  }
  return { members, problems };
}
