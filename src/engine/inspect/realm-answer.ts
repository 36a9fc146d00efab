import { foldIdentity, parseIdentity, type Identity } from "../../domain/identity.ts";
import type { BindingOrigin } from "../../domain/provenance.ts";
import { answeringRealm as findAnsweringRealm } from "./answering-realm.ts";
import type { ExplainContext } from "./context.ts";
import { groupPrefix } from "./group-index.ts";
import type { Step, Witness } from "./explanation.ts";

/** What a realm says about a permission of the caller: the part of a step that depends on nothing else. */
export type RealmAnswer = Pick<Step, "result" | "answeringRealm" | "witness">;

/** A principal that the caller is, or is in. */
interface Match {
  readonly origin: BindingOrigin;
  readonly principal: string;
  /** The rank of the group; undefined when the caller itself is the principal. */
  readonly rank: number | undefined;
}

/**
 * Makes the function that looks a permission up in a realm, as AuthDb.hasPermission does (docs/semantics.md
 * §4), and says why. Each realm is looked at once, however many pools are in it.
 */
export function createRealmLookUp(
  context: ExplainContext,
): (permission: string, realm: string) => RealmAnswer {
  const answers = new Map<string, Map<string, RealmAnswer>>();
  return (permission, realm) => {
    let ofPermission = answers.get(permission);
    if (ofPermission === undefined) {
      ofPermission = new Map();
      answers.set(permission, ofPermission);
    }
    let answer = ofPermission.get(realm);
    if (answer === undefined) {
      answer = lookUp(context, permission, realm);
      ofPermission.set(realm, answer);
    }
    return answer;
  };
}

function lookUp(context: ExplainContext, permission: string, realm: string): RealmAnswer {
  const no = { witness: undefined, answeringRealm: "" };
  if (!context.facts.permissions.has(permission)) return { ...no, result: "undeclared_permission" };
  const answeringRealm = findAnsweringRealm(context.facts.realms, realm)?.name;
  if (answeringRealm === undefined) return { ...no, result: "undefined_realm" };
  const origins = context.inspection.provenance.bindingsOf(answeringRealm, permission);
  const always = origins.filter((origin) => origin.conditions.length === 0);
  const match = nearestMatch(context, always);
  if (match !== undefined) {
    return { result: "permitted", answeringRealm, witness: witnessOf(context, match) };
  }
  const sometimes = origins.filter((origin) => origin.conditions.length > 0);
  if (nearestMatch(context, sometimes) !== undefined) {
    return { ...no, answeringRealm, result: "conditional" };
  }
  const isBound = origins.some(({ principals }) =>
    principals.some((principal) => standsForSomebody(context, principal)),
  );
  return { ...no, answeringRealm, result: isBound ? "not_a_principal" : "not_bound" };
}

/** The caller itself before its groups, those by rank; of several bindings the first. */
function nearestMatch(
  context: ExplainContext,
  origins: readonly BindingOrigin[],
): Match | undefined {
  let nearest: Match | undefined;
  for (const origin of origins) {
    for (const principal of origin.principals) {
      if (!principal.startsWith(groupPrefix)) {
        if (isCaller(context, principal)) return { origin, principal, rank: undefined };
        continue;
      }
      const rank = context.rankOf(principal.slice(groupPrefix.length));
      if (rank === undefined) continue;
      if (nearest?.rank === undefined || rank < nearest.rank) nearest = { origin, principal, rank };
    }
  }
  return nearest;
}

// Lower case makes a good letter of some that no identity may hold, so a text that fits is parsed too.
function isCaller(context: ExplainContext, principal: string): boolean {
  return (
    foldIdentity(principal as Identity) === context.folded && parseIdentity(principal) !== undefined
  );
}

function standsForSomebody(context: ExplainContext, principal: string): boolean {
  if (!principal.startsWith(groupPrefix)) return parseIdentity(principal) !== undefined;
  return context.groups.find(principal.slice(groupPrefix.length)) !== undefined;
}

function witnessOf(context: ExplainContext, { origin, principal, rank }: Match): Witness {
  const { realm, inheritance, role, rolePath, source } = origin;
  return {
    memberships: rank === undefined ? [] : context.membershipsTo(rank),
    settings: [],
    binding: { realm, inheritance, role, rolePath, principal, source },
  };
}
