import type { ExpandedConfiguration } from "../../domain/expanded.ts";
import type { Provenance } from "../../domain/provenance.ts";
import type { Snapshot } from "../snapshot.ts";

/**
 * What the functions of this room work with: a snapshot, and what it was made of. The decisions come from
 * the snapshot; the rest says why. All three are of one revision, and the snapshot is made of the groups of
 * the configuration: both number them alike.
 */
export interface Inspection {
  readonly snapshot: Snapshot;
  readonly configuration: ExpandedConfiguration;
  readonly provenance: Provenance;
}
