import type { Provenance } from "../../../src/domain/provenance.ts";
import type { Inspection } from "../../../src/engine/inspect/inspection.ts";
import { createSnapshot, type SnapshotInput } from "../../../src/engine/snapshot.ts";
import { input } from "../world.ts";

/** The inspection of an input that is empty but for what is given; each group is managed by `of-<name>`. */
export function inspect(parts: Partial<SnapshotInput> = {}): Inspection {
  const configuration = input(parts);
  const names = new Set(configuration.groups.map(({ name }) => name));
  const provenance: Provenance = {
    bindingsOf: () => [],
    rolesHolding: () => [],
    hasRole: () => false,
    heirsOf: () => [],
    sourceOfGroup: (name) => (names.has(name) ? `of-${name}` : undefined),
    hasProject: () => false,
  };
  return { snapshot: createSnapshot(configuration), configuration, provenance };
}
