import { createProvenance, type PolicyProvenance } from "../config/provenance.ts";
import type { Policy } from "../domain/policy.ts";
import type { Inspection } from "../engine/inspect/inspection.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import type { Origin } from "./origin.ts";

const inspections = new WeakMap<Snapshot, Inspection>();
// A change that leaves the policies alone, of a group say, makes a new snapshot on the same ones.
const provenances = new WeakMap<ReadonlyMap<string, Policy>, PolicyProvenance>();

/**
 * What the inspection of the snapshot of a state works with. Nothing is expanded again: checks would wait for
 * that. Made at the first call and remembered as long as the snapshot lives.
 */
export function inspectionOf({ snapshot, policies, expanded }: Origin): Inspection {
  return remember(inspections, snapshot, () => ({
    snapshot,
    configuration: expanded,
    provenance: {
      ...remember(provenances, policies, () => createProvenance(policies)),
      sourceOfGroup: (group) => snapshot.groups.entry(group)?.managedBy,
    },
  }));
}

function remember<K extends object, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}
