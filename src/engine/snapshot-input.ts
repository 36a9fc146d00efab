import type { ExpandedConfiguration } from "../domain/expanded.ts";

/** What a snapshot is made of: all that is in force at a revision. */
export interface SnapshotInput extends ExpandedConfiguration {
  readonly revision: bigint;
}
