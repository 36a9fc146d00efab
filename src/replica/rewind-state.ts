import { expandPoliciesInSteps } from "../config/expand.ts";
import {
  changePoliciesInSteps,
  isPolicyChange,
  type PolicyChange,
} from "../config/change-policies.ts";
import type { ApiKeyBody, TakeOverBody } from "../domain/entity.ts";
import { inverseOf } from "../domain/inverse-change.ts";
import { unmanaged } from "../domain/names.ts";
import type { Steps } from "../domain/steps.ts";
import { isGroupChange, type GroupChange } from "../engine/group-graph.ts";
import { branchSnapshotInSteps } from "../engine/snapshot.ts";
import { maxRecentHashes } from "../storage/revision-point.ts";
import type { UndoneItem } from "../storage/read-undone.ts";
import { formatRevisionToken } from "./revision-token.ts";
import type { ReplicaState } from "./state.ts";

/** Where a state is led back to. */
export interface EarlierPoint {
  readonly revision: bigint;
  /** The hash of the change that made the revision; 32 zero bytes at revision 0. */
  readonly chainHash: Uint8Array;
  /** The revision at which a source was last applied by then; undefined: it was not there yet. */
  readonly lastApply: (source: string) => bigint | undefined;
}

/** A state on its way back. */
export interface Rewind {
  /** Undoes items; see scanUndone for their order. Throws when one does not fit. */
  readonly undo: (items: readonly UndoneItem[]) => void;
  /** The state of a point, when the items of all changes after it are undone. Expands the policies if one changed. */
  readonly finish: (point: EarlierPoint) => Steps<ReplicaState>;
}

/**
 * Leads a state back, beside the state itself, which stays as fast as it is. Costs what the changes did.
 * `groupRevisions` are those of the last changes, by then, of the groups that are touched. Of the hashes of changes
 * those of then are kept that the state still knows.
 */
export function rewindState(
  state: ReplicaState,
  groupRevisions: ReadonlyMap<string, bigint>,
): Rewind {
  let { groups } = state.snapshot;
  const policyChanges: PolicyChange[] = [];
  const apiKeys = new Map<string, ApiKeyBody | undefined>();
  const takeOvers = new Map<string, TakeOverBody>(state.takeOvers);
  const acceptedRestores = new Set(state.acceptedRestores);

  function undo(items: readonly UndoneItem[]): void {
    const groupChanges: GroupChange[] = [];
    for (const { source, change: done } of items) {
      const change = inverseOf(done);
      // Nothing but an apply of the manager, or an edit of what nobody manages or somebody took over, deletes a group.
      const takenFrom = change.kind === "group" ? takeOvers.get(change.key)?.source : undefined;
      const managedBy = source ?? takenFrom ?? unmanaged;
      if (isGroupChange(change)) {
        const revision = groupRevisions.get(groupOf(change)) ?? 0n;
        groupChanges.push({ change, revision, managedBy });
      } else if (isPolicyChange(change)) policyChanges.push({ change, source: managedBy });
      else if (change.kind === "api_key") apiKeys.set(change.key, change.after);
      else if (change.kind === "group_take_over") {
        if (change.after === undefined) takeOvers.delete(change.key);
        else takeOvers.set(change.key, change.after);
      } else if (change.after === undefined) acceptedRestores.delete(change.key);
    }
    if (groupChanges.length > 0) groups = groups.branch(groupChanges);
  }

  function* finish({ revision, chainHash, lastApply }: EarlierPoint): Steps<ReplicaState> {
    const sources = sourcesAt(state.sources, groups, revision, lastApply);
    const changedPolicies = yield* changePoliciesInSteps(state.policies, policyChanges);
    const policies = new Map([...changedPolicies].filter(([source]) => sources.has(source)));
    const changed =
      policyChanges.length === 0
        ? undefined
        : yield* expandPoliciesInSteps(policies.values(), state.expanded);
    const snapshot = yield* branchSnapshotInSteps(
      { ...state.snapshot, groups },
      { revision, groupChanges: [], ...(changed && { policy: changed }) },
    );
    const { databaseId } = state;
    return {
      ...state,
      snapshot,
      revision,
      chainHash,
      revisionToken: formatRevisionToken({ databaseId, revision, chainHash }),
      recentHashes: state.recentHashes.branch(laterHashes(state.revision, revision)),
      policies,
      expanded: changed ?? state.expanded,
      sources,
      apiKeys: state.apiKeys.branch(apiKeys),
      takeOvers,
      acceptedRestores,
    };
  }

  return { undo, finish };
}

function groupOf({ before, after }: GroupChange["change"]): string {
  const body = after ?? before;
  if (body === undefined) return "";
  return "group" in body ? body.group : body.name;
}

/** A source has changed when it was applied, or when one of its groups was edited otherwise. */
function sourcesAt(
  now: ReplicaState["sources"],
  groups: ReplicaState["snapshot"]["groups"],
  revision: bigint,
  lastApply: EarlierPoint["lastApply"],
): ReplicaState["sources"] {
  const sources = new Map<string, { readonly revision: bigint }>();
  const later = new Set<string>();
  for (const [name, last] of now) {
    const applied = last.revision > revision ? lastApply(name) : last.revision;
    if (applied === undefined) continue;
    sources.set(name, { revision: applied });
    if (last.revision > revision) later.add(name);
  }
  if (later.size === 0) return sources;
  for (const { managedBy, revision: edited } of groups.entries()) {
    const known = later.has(managedBy) ? sources.get(managedBy) : undefined;
    if (known !== undefined && edited > known.revision)
      sources.set(managedBy, { revision: edited });
  }
  return sources;
}

function* laterHashes(now: bigint, then: bigint): Generator<readonly [bigint, undefined]> {
  const oldest = now - BigInt(maxRecentHashes);
  for (let revision = now; revision > then && revision > oldest; revision -= 1n) {
    yield [revision, undefined];
  }
}
