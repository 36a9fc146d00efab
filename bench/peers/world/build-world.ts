import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { fromConfigMessage } from "../../../src/config/from-message.ts";
import { expandConfigurations } from "../../../src/config/expand.ts";
import type { ExpandedConfiguration } from "../../../src/domain/expanded.ts";
import type { Group } from "../../../src/domain/model.ts";
import { createSnapshot, type Snapshot } from "../../../src/engine/snapshot.ts";
import { ConfigSchema } from "../../../src/gen/fleetgate/config/v1/config_pb.ts";
import { generateFleet, type Fleet } from "../../../test/support/fleets/generate-fleet.ts";
import { makeWorld, type LiveWorld } from "../../live/world.ts";
import type { WorldSpec } from "../messages.ts";

/** The same fleet as a database of the bench holds, in memory. */
export interface BuiltWorld {
  readonly spec: WorldSpec;
  readonly fleet: Fleet;
  readonly expanded: ExpandedConfiguration;
  readonly snapshot: Snapshot;
  /** Whoever is a member of some group, each once. */
  readonly members: readonly string[];
}

/** Makes the fleet of the live bench, filled to so many memberships, and a snapshot of it. */
export function buildWorld(spec: WorldSpec): BuiltWorld {
  const world = makeWorld(spec.seed, spec.fleet);
  const policy = fromConfigMessage(fromJson(ConfigSchema, world.policy as JsonValue));
  const { groups, members } = fillGroups(world, spec.memberships);
  const expanded = expandConfigurations([{ ...policy, groups }]);
  return {
    spec,
    fleet: generateFleet({ seed: spec.seed, size: spec.fleet }),
    expanded,
    snapshot: createSnapshot({ revision: 1n, ...expanded }),
    members,
  };
}

function fillGroups(
  { emptyGroups, memberships }: LiveWorld,
  count: number,
): { readonly groups: readonly Group[]; readonly members: readonly string[] } {
  if (memberships.length < count) throw new Error("the fleet is too small");
  const membersOf = new Map<string, string[]>(emptyGroups.map(({ name }) => [name, []]));
  const members = new Set<string>();
  for (const { group, identity, member } of memberships.slice(0, count)) {
    membersOf.get(group)?.push(member);
    members.add(identity);
  }
  const groups = emptyGroups.map((group) => ({
    ...group,
    members: (membersOf.get(group.name) ?? []).sort(),
  }));
  return { groups, members: [...members] };
}
