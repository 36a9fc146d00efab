import type { ExpandedConfiguration, ExpandedPolicy } from "../domain/expanded.ts";
import type { GroupChange } from "./group-entry.ts";

/** What a snapshot is made of: all that is in force at a revision. */
export interface SnapshotInput extends ExpandedConfiguration {
  readonly revision: bigint;
}

/** All of it but the groups. */
export interface PolicyInput extends ExpandedPolicy {
  readonly revision: bigint;
}

/** What makes the next snapshot of one. */
export interface SnapshotChange {
  readonly revision: bigint;
  /** Oldest first; they may be of several revisions. */
  readonly groupChanges: readonly GroupChange[];
  /** The whole policy when some of it changed; undefined: none of it did. */
  readonly policy?: ExpandedPolicy | undefined;
}
