import type { Compaction, GroupGraph } from "../engine/group-graph.ts";
import { onGroups } from "../engine/snapshot.ts";
import { runInTurns } from "./in-turns.ts";
import type { ReplicaState } from "./state.ts";

/** Compacts the groups of a replica now and then, beside everything else. */
export interface GroupCompactor {
  /**
   * The state to go on with: the same on compacted groups once these are ready, else the given one. Begins a compaction
   * when one is due. To be asked when no advance is under way.
   */
  readonly settle: (state: ReplicaState) => ReplicaState;
  /** Drops the compaction that is under way, and begins none any more. */
  readonly close: () => void;
}

/** Creates a compactor. `onFailure` hears of a fault, after which nothing is compacted any more: groups are only slower then. */
export function createGroupCompactor(onFailure: (error: unknown) => void): GroupCompactor {
  let isIdle = true;
  let ready: Compaction | undefined;
  const closing = new AbortController();

  function begin(groups: GroupGraph): void {
    isIdle = false;
    runInTurns(groups.compactInSteps(), { signal: closing.signal }).then(
      (compaction) => {
        // It may have been done at one go, before anybody could drop it.
        if (!closing.signal.aborted) ready = compaction;
        isIdle = true;
      },
      (error: unknown) => {
        if (!closing.signal.aborted) onFailure(error);
      },
    );
  }

  return {
    settle(state) {
      const { snapshot } = state;
      let { groups } = snapshot;
      const compaction = ready;
      ready = undefined;
      // Groups that were loaded anew meanwhile are of another line.
      if (compaction !== undefined) groups = groups.rebase(compaction) ?? groups;
      if (isIdle && groups.compactionDue && !closing.signal.aborted) begin(groups);
      return groups === snapshot.groups
        ? state
        : { ...state, snapshot: onGroups(snapshot, groups) };
    },
    close: () => closing.abort(),
  };
}
