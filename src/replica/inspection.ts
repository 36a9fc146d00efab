import { expandConfigurations } from "../config/expand.ts";
import { createProvenance } from "../config/provenance.ts";
import type { ExpandedConfiguration } from "../domain/expanded.ts";
import type { Configuration } from "../domain/model.ts";
import type { Provenance } from "../domain/provenance.ts";
import type { Inspection } from "../engine/inspect/inspection.ts";
import type { Snapshot } from "../engine/snapshot.ts";
import type { ReplicaState } from "./state.ts";

/** What a snapshot was made of. */
interface Origin {
  readonly configuration: ExpandedConfiguration;
  readonly provenance: Provenance;
}

const inspections = new WeakMap<Snapshot, Inspection>();
// A change that leaves the configurations alone, of API keys say, makes a new snapshot of the same objects.
const origins = new WeakMap<ReadonlyMap<string, Configuration>, Origin>();

/**
 * What the inspection of a snapshot works with. `configurations` are those that the snapshot was made of, by
 * source. Made at the first call and remembered as long as the snapshot lives.
 */
export function createInspection(
  snapshot: Snapshot,
  configurations: ReadonlyMap<string, Configuration>,
): Inspection {
  const known = inspections.get(snapshot);
  if (known !== undefined) return known;
  const inspection = { snapshot, ...originOf(configurations) };
  inspections.set(snapshot, inspection);
  return inspection;
}

/** What the inspection of the snapshot of a state works with; see createInspection. */
export function inspectionOf(state: ReplicaState): Inspection {
  return createInspection(state.snapshot, state.configurations);
}

function originOf(configurations: ReadonlyMap<string, Configuration>): Origin {
  const known = origins.get(configurations);
  if (known !== undefined) return known;
  const origin = {
    configuration: expandConfigurations(configurations.values()),
    provenance: createProvenance(configurations),
  };
  origins.set(configurations, origin);
  return origin;
}
