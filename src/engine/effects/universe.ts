import { matchesGlob, parseGlob } from "../../domain/glob.ts";
import {
  foldIdentity,
  identityKind,
  parseIdentity,
  type Identity,
  type IdentityKind,
} from "../../domain/identity.ts";
import type { EffectsInput } from "./sides.ts";

/**
 * Makes the function that finds the identities that a glob matches, among all that a group lists or a binding
 * names before or after: folded, as members are compared. The first question costs a walk over all
 * memberships and bindings, each further glob one over the identities of its kind; nobody asks as long as no
 * group with a glob is touched.
 */
export function createIdentitiesMatching(
  input: EffectsInput,
): (glob: string) => Iterable<Identity> {
  let all: ReadonlyMap<IdentityKind, ReadonlySet<Identity>> | undefined;
  const known = new Map<string, readonly Identity[]>();
  return (text) => {
    let matched = known.get(text);
    if (matched === undefined) {
      const glob = parseGlob(text);
      all ??= collectIdentities(input);
      const ofKind = (glob && all.get(glob.kind)) ?? [];
      matched = glob === undefined ? [] : [...ofKind].filter((it) => matchesGlob(glob, it));
      known.set(text, matched);
    }
    return matched;
  };
}

function collectIdentities({
  before,
  after,
  changes,
}: EffectsInput): ReadonlyMap<IdentityKind, ReadonlySet<Identity>> {
  const all = new Map<IdentityKind, Set<Identity>>();
  const add = (identity: Identity): void => {
    const kind = identityKind(identity);
    const ofKind = all.get(kind);
    if (ofKind === undefined) all.set(kind, new Set([identity]));
    else ofKind.add(identity);
  };
  const addText = (text: string | undefined): void => {
    const identity = text === undefined ? undefined : parseIdentity(text);
    if (identity !== undefined) add(foldIdentity(identity));
  };
  for (const { members } of after.snapshot.groups.entries()) {
    for (const member of members.keys()) add(member);
  }
  // Whoever was listed before and is not listed any more was taken out by a change.
  for (const change of changes) {
    if (change.kind === "group_member") addText(change.before?.member);
  }
  const realms = new Set([before.configuration.realms, after.configuration.realms]);
  for (const { bindings } of [...realms].flat()) {
    for (const { principals } of bindings) for (const principal of principals) addText(principal);
  }
  return all;
}
