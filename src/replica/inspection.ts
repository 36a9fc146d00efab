import { expandConfigurations } from "../config/expand.ts";
import { createProvenance } from "../config/provenance.ts";
import type { ExpandedConfiguration } from "../domain/expanded.ts";
import type { Configuration } from "../domain/model.ts";
import type { Provenance } from "../domain/provenance.ts";
import type { Inspection } from "../engine/inspect/inspection.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import type { ReplicaState } from "./state.ts";

type Configurations = ReadonlyMap<string, Configuration>;

const inspections = new WeakMap<Snapshot, Inspection>();
// A change that leaves the configurations alone, of API keys say, makes a new snapshot of the same objects.
const provenances = new WeakMap<Configurations, Provenance>();
const expansions = new WeakMap<Configurations, ExpandedConfiguration>();

/**
 * What the inspection of a snapshot works with, for those who have no state. `configurations` are those that
 * the snapshot was made of, by source; they are expanded anew. Made at the first call and remembered as long as the
 * snapshot lives.
 */
export function createInspection(snapshot: Snapshot, configurations: Configurations): Inspection {
  return remember(inspections, snapshot, () => ({
    snapshot,
    configuration: remember(expansions, configurations, () =>
      expandConfigurations(configurations.values()),
    ),
    provenance: provenanceOf(configurations),
  }));
}

/**
 * What the inspection of the snapshot of a state works with. Nothing is expanded again: checks would wait for
 * that. Made at the first call and remembered as long as the snapshot lives.
 */
export function inspectionOf({ snapshot, expanded, configurations }: ReplicaState): Inspection {
  return remember(inspections, snapshot, () => ({
    snapshot,
    configuration: expanded,
    provenance: provenanceOf(configurations),
  }));
}

function provenanceOf(configurations: Configurations): Provenance {
  return remember(provenances, configurations, () => createProvenance(configurations));
}

function remember<K extends object, V>(known: WeakMap<K, V>, key: K, make: () => V): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}
