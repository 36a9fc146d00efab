import type { ExpandedRealm } from "../../domain/expanded.ts";
import { matchesGlob, parseGlob } from "../../domain/glob.ts";
import {
  foldIdentity,
  identityKind,
  parseIdentity,
  type Identity,
  type IdentityKind,
} from "../../domain/identity.ts";
import { forEachInSteps, type Steps } from "../../domain/steps.ts";
import type { EffectsInput } from "./sides.ts";

/** Finds the identities that a glob matches. */
export type IdentitiesMatching = (glob: string) => Steps<readonly Identity[]>;

/**
 * Makes the function that finds the identities that a glob matches, among all that a group lists or a binding
 * names before or after: folded, as members are compared. The first question costs a walk over all
 * identities and bindings, each further glob one over the identities of its kind; nobody asks as long as no
 * group with a glob is touched.
 */
export function createIdentitiesMatching(input: EffectsInput): IdentitiesMatching {
  let all: ReadonlyMap<IdentityKind, ReadonlySet<Identity>> | undefined;
  const known = new Map<string, readonly Identity[]>();
  return function* find(text) {
    const before = known.get(text);
    if (before !== undefined) return before;
    const matched: Identity[] = [];
    const glob = parseGlob(text);
    all ??= yield* collectIdentities(input);
    if (glob !== undefined) {
      yield* forEachInSteps(all.get(glob.kind) ?? [], (identity) => {
        if (matchesGlob(glob, identity)) matched.push(identity);
      });
    }
    known.set(text, matched);
    return matched;
  };
}

function* collectIdentities({
  before,
  after,
  changes,
}: EffectsInput): Steps<ReadonlyMap<IdentityKind, ReadonlySet<Identity>>> {
  const all = new Map<IdentityKind, Set<Identity>>();
  const add = (identity: Identity): void => {
    const kind = identityKind(identity);
    const ofKind = all.get(kind);
    if (ofKind === undefined) all.set(kind, new Set([identity]));
    else ofKind.add(identity);
  };
  yield* forEachInSteps(after.snapshot.groups.identities(), add);
  // Realms inherit bindings: most principals come many times.
  const texts = new Set<string>();
  // Whoever was listed before and is not listed any more was taken out by a change.
  yield* forEachInSteps(changes, (change) => {
    if (change.kind === "group_member" && change.before !== undefined) {
      texts.add(change.before.member);
    }
  });
  const realms = new Set([...before.configuration.realms, ...after.configuration.realms]);
  yield* forEachInSteps(principalsOf(realms), (principal) => texts.add(principal));
  yield* forEachInSteps(texts, (text) => {
    const identity = parseIdentity(text);
    if (identity !== undefined) add(foldIdentity(identity));
  });
  return all;
}

function* principalsOf(realms: Iterable<ExpandedRealm>): Generator<string> {
  for (const { bindings } of realms) for (const { principals } of bindings) yield* principals;
}
