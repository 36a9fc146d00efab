import type { Steps } from "../../domain/steps.ts";
import { giftsIn } from "../binding-gifts.ts";
import type { CompiledBinding } from "../compiled-binding.ts";
import type { Inspection } from "../inspect/inspection.ts";
import type { RealmIndex } from "../realm-index.ts";
import type { EffectPlace } from "./effects.ts";
import { comparePlaces } from "./places.ts";

/** A binding in a place, with the permissions that it gives there, whether or not anybody declared them. */
export interface NamedPlace {
  readonly place: EffectPlace;
  readonly binding: CompiledBinding;
  readonly permissions: readonly string[];
}

const known = new WeakMap<RealmIndex, ReadonlyMap<number, readonly NamedPlace[]>>();

/**
 * By group: where a binding names it. Made at the first call, at the cost of the policy, and remembered with the
 * realms, which all snapshots share that have the policy. So a change of groups need not look at all places.
 */
export function* namedPlacesOf(
  inspection: Inspection,
): Steps<ReadonlyMap<number, readonly NamedPlace[]>> {
  const { snapshot } = inspection;
  const before = known.get(snapshot.realms);
  if (before !== undefined) return before;
  const byGroup = new Map<number, NamedPlace[]>();
  for (const { place, realms } of comparePlaces(inspection, inspection)) {
    yield;
    for (const { binding, permissions } of realms[1] === undefined ? [] : giftsIn(realms[1])) {
      const named = { place, binding, permissions };
      for (const group of binding.groups) {
        const list = byGroup.get(group);
        if (list === undefined) byGroup.set(group, [named]);
        else list.push(named);
      }
    }
  }
  known.set(snapshot.realms, byGroup);
  return byGroup;
}
