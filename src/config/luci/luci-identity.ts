import { parseGlob } from "../../domain/glob.ts";
import { identityKind, parseIdentity } from "../../domain/identity.ts";

const luciKinds: ReadonlySet<string> = new Set(["anonymous", "bot", "project", "service", "user"]);

/** What a good identity of LUCI is, for messages. */
export const luciIdentityRule =
  'must be "kind:value" with a kind of anonymous, bot, project, service, user and a value that the kind allows';

/** Whether the text is an identity, of a kind that LUCI has. */
export function isLuciIdentity(text: string): boolean {
  const identity = parseIdentity(text);
  return identity !== undefined && luciKinds.has(identityKind(identity));
}

/** Whether the text is a glob, of a kind that LUCI has. */
export function isLuciGlob(text: string): boolean {
  const glob = parseGlob(text);
  return glob !== undefined && luciKinds.has(glob.kind);
}
