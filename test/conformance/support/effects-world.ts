import { changePolicies, isPolicyChange } from "../../../src/config/change-policies.ts";
import { diffEntities, toEntities } from "../../../src/config/entities.ts";
import { expandPolicies } from "../../../src/config/expand.ts";
import type { EntityChange } from "../../../src/domain/entity.ts";
import type { Configuration } from "../../../src/domain/model.ts";
import type { EffectsInput } from "../../../src/engine/effects/compute-effects.ts";
import { isGroupChange } from "../../../src/engine/group-graph.ts";
import { advanceSnapshot, branchSnapshot } from "../../../src/engine/snapshot.ts";
import { inspectionOf } from "../../../src/replica/inspection.ts";
import { createOrigin } from "../../../src/replica/origin.ts";
import type { World } from "../../spec/world.ts";
import { configureWorld } from "./engine-world.ts";

const source = "main";

/** How the state after is made of the one before: as the newest one, or beside it. */
export type How = "advance" | "branch";

/** Two worlds that one source applies one after the other, as effects want them. */
export function inspectChange(before: World, after: World, how: How = "branch"): EffectsInput {
  return inspectConfigurationChange(configureWorld(before), configureWorld(after), how);
}

/** The same for canonical configurations. */
export function inspectConfigurationChange(
  before: Configuration,
  after: Configuration,
  how: How = "branch",
): EffectsInput {
  const changes = diffEntities(toEntities(before), toEntities(after));
  return inspectChanges(before, changes, how);
}

/** The same for a configuration and what changes of it. */
export function inspectChanges(
  before: Configuration,
  changes: readonly EntityChange[],
  how: How = "branch",
): EffectsInput {
  const old = createOrigin(1n, new Map([[source, before]]));
  const groupChanges = changes
    .filter(isGroupChange)
    .map((change) => ({ change, revision: 2n, managedBy: source }));
  const policyChanges = changes.filter(isPolicyChange).map((change) => ({ change, source }));
  const policies = changePolicies(old.policies, policyChanges);
  const expanded = policyChanges.length === 0 ? undefined : expandPolicies(policies.values());
  const change = how === "advance" ? advanceSnapshot : branchSnapshot;
  const snapshot = change(old.snapshot, { revision: 2n, groupChanges, policy: expanded });
  return {
    before: inspectionOf(old),
    after: inspectionOf({ ...old, snapshot, policies, expanded: expanded ?? old.expanded }),
    changes,
  };
}
