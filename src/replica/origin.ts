import { expandPolicies } from "../config/expand.ts";
import type { ExpandedPolicy } from "../domain/expanded.ts";
import type { Configuration } from "../domain/model.ts";
import { finish } from "../domain/steps.ts";
import { policyOf, type Policy } from "../domain/policy.ts";
import { createGroupGraphBuilder } from "../engine/group-graph-builder.ts";
import { createSnapshotOn, type Snapshot } from "../engine/snapshot.ts";

/** A snapshot, and what it was made of apart from groups. */
export interface Origin {
  readonly snapshot: Snapshot;
  /** What each source manages. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** All of them together, expanded. */
  readonly expanded: ExpandedPolicy;
}

/** Makes a snapshot of valid configurations by source, for those who have no storage. */
export function createOrigin(
  revision: bigint,
  configurations: ReadonlyMap<string, Configuration>,
): Origin {
  const builder = createGroupGraphBuilder();
  const policies = new Map<string, Policy>();
  for (const [source, configuration] of configurations) {
    policies.set(source, policyOf(configuration));
    for (const { name, description, owners, members, globs, nested } of configuration.groups) {
      builder.addGroup({ name, description, owners, managedBy: source, revision });
      for (const member of members) builder.addMember(name, member);
      for (const glob of globs) builder.addGlob(name, glob);
      for (const other of nested) builder.addNested(name, other);
    }
  }
  const expanded = expandPolicies(policies.values());
  const snapshot = finish(createSnapshotOn(builder.build(), { revision, ...expanded }));
  return { snapshot, policies, expanded };
}
