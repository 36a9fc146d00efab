import type { ExpandedPolicy } from "../../domain/expanded.ts";
import type { Provenance } from "../../domain/provenance.ts";
import type { Snapshot } from "../snapshot.ts";

/**
 * What the functions of this room work with: a snapshot, and what it was made of. The decisions come from
 * the snapshot, and so do all groups; the rest says why. All three are of one revision.
 */
export interface Inspection {
  readonly snapshot: Snapshot;
  /** What the snapshot was made of beside the groups. */
  readonly configuration: ExpandedPolicy;
  readonly provenance: Provenance;
}
