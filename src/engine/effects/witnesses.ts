import { DomainError } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { createContext, createContextFrom, type ExplainContext } from "../inspect/context.ts";
import type { Witness } from "../inspect/explanation.ts";
import { groupIndexOf } from "../inspect/group-index.ts";
import type { Inspection } from "../inspect/inspection.ts";
import { planOf } from "../inspect/plan.ts";
import { createReachFrom } from "../inspect/reach.ts";
import { createRealmLookUp } from "../inspect/realm-answer.ts";
import { takeSteps } from "../inspect/steps.ts";
import type { Effect, EffectPlace } from "./effects.ts";

/** Finds how a principal has a permission in a place. Throws INTERNAL_FAULT when it does not have it. */
export type FindWitness = (
  principal: Effect["principal"],
  place: EffectPlace,
  permission: string,
) => Witness;

/** Creates the function for one state. It remembers what the places of one principal, and the principals of one place, share. */
export function createFindWitness(inspection: Inspection): FindWitness {
  const remembering = rememberBindings(inspection);
  const poolRealms = new Map(
    inspection.configuration.pools.map(({ name, realm }) => [name, realm]),
  );
  const finders = new Map<string, ReturnType<typeof createFinder>>();

  return (principal, place, permission) => {
    const key = `${principal.kind} ${principal.name}`;
    let finder = finders.get(key);
    if (finder === undefined) {
      finder = createFinder(contextOf(remembering, principal));
      finders.set(key, finder);
    }
    const realm = place.kind === "pool" ? poolRealms.get(place.pool) : undefined;
    const witness = finder(place.kind === "realm" ? place.realm : realm, permission);
    if (witness === undefined) {
      throw new DomainError("INTERNAL_FAULT", "the witness of an effect disagrees with the check");
    }
    // The memberships of a group begin above it.
    if (principal.kind !== "group") return witness;
    return { ...witness, memberships: witness.memberships.slice(1) };
  };
}

/** Finds witnesses in realms, and with no realm at the server level. */
function createFinder(
  context: ExplainContext,
): (realm: string | undefined, permission: string) => Witness | undefined {
  const lookUp = createRealmLookUp(context);
  return (realm, permission) => {
    if (realm !== undefined) return lookUp(permission, realm).witness;
    const plan = planOf(context.inspection.snapshot, { check: "server", permission });
    return takeSteps(context, plan, lookUp, () => 0)[0]?.witness;
  };
}

function contextOf(inspection: Inspection, { kind, name }: Effect["principal"]): ExplainContext {
  if (kind === "identity") return createContext(inspection, name as Identity);
  const index = groupIndexOf(inspection);
  const group = kind === "group" ? index.find(name) : undefined;
  const start = kind === "glob" ? index.byName(index.holding(name)) : [];
  return createContextFrom(inspection, {
    caller: "" as Identity,
    folded: "" as Identity,
    createReach: () => createReachFrom(index, group === undefined ? start : [group]),
    reasonOf: () => (kind === "glob" ? { kind, glob: name } : { kind: "nested", nested: name }),
  });
}

/** The same inspection, that puts the bindings of a permission in a realm together once. */
function rememberBindings(inspection: Inspection): Inspection {
  const { provenance } = inspection;
  const known = new Map<string, ReturnType<typeof provenance.bindingsOf>>();
  return {
    ...inspection,
    provenance: {
      ...provenance,
      bindingsOf(realm, permission) {
        const key = `${realm} ${permission}`;
        let bindings = known.get(key);
        if (bindings === undefined) {
          bindings = provenance.bindingsOf(realm, permission);
          known.set(key, bindings);
        }
        return bindings;
      },
    },
  };
}
