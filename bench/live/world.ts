import { groupMemberKey, toEntities } from "../../src/config/entities.ts";
import type { EntityChange } from "../../src/domain/entity.ts";
import { foldIdentity, type Identity } from "../../src/domain/identity.ts";
import { emptyConfiguration, type Group } from "../../src/domain/model.ts";
import { rootGroup } from "../../src/domain/names.ts";
import type { World } from "../../test/spec/world.ts";
import { generateFleet } from "../../test/support/fleets/generate-fleet.ts";
import { createRandom } from "../../test/support/fleets/random.ts";
import type { FleetSize } from "../../test/support/fleets/sizes.ts";
import { configureFleet } from "../engine/fleet-snapshot.ts";

/** The group that every tenth membership is of, as long as it has fewer than so many. */
export const largeGroup = "bench-large";

/** A group of more than 100,000 members is not read at one go, and actions add some. */
const mostOfLarge = 99_000;

/** The group whose members may use the pool of the bench; it begins empty. */
export const visibleGroup = "bench-visible";

/** What a member of that group may do, and nobody else. */
export const visibleQuestion = { permission: "swarming.pools.createTask", pool: "bench" };

/** Who may do everything. */
export const administrator = "user:root@example.com";

/** One row of `group_member`. */
export interface Membership {
  readonly group: string;
  readonly identity: string;
  readonly member: string;
}

/** A fleet as it is put into a database. */
export interface LiveWorld {
  /** All groups with globs and nested groups, without members; the root group is left to bootstrap. */
  readonly groups: readonly EntityChange[];
  /** The same groups as a configuration has them. */
  readonly emptyGroups: readonly Group[];
  /** The names of groups that people may be added to. */
  readonly teams: readonly string[];
  /** Everything but groups. */
  readonly policy: World;
  /** In an order of which every beginning is spread over all groups; every tenth is of the large group. */
  readonly memberships: readonly Membership[];
}

/** Makes up a fleet whose groups can be filled little by little. The same seed and size make the same. */
export function makeWorld(seed: number, size: FleetSize): LiveWorld {
  const fleet = generateFleet({ seed, size });
  const { groups: listed = [], ...policy } = fleet.config;
  const ofFleet = listed.filter(({ name }) => name !== rootGroup);
  const spread = shuffled(
    ofFleet.flatMap(({ name, members = [] }) => members.map((member) => row(name, member))),
    seed,
  );
  const people = [...new Set(fleet.identities.all)].slice(0, mostOfLarge);
  const large = people.map((member) => row(largeGroup, member));
  const teams = ofFleet.map(({ name }) => name).filter((name) => name.startsWith("team-"));
  const { groups } = configureFleet({ ...fleet, config: { ...fleet.config, groups: ofFleet } });
  const extra = [largeGroup, visibleGroup].map((name) => ({
    ...{ name, description: "", owners: rootGroup, members: [], globs: [], nested: [] },
  }));
  const all = [...groups.map((group) => ({ ...group, members: [] })), ...extra];
  return {
    groups: toEntities({ ...emptyConfiguration, groups: all }).map(toCreation),
    emptyGroups: all,
    teams,
    policy: withDelegation(policy),
    memberships: interleaved(large, spread),
  };
}

/** The change that adds a member to a group, or removes it. */
export function memberChange(group: string, member: string, removed = false): EntityChange {
  const body = { group, member };
  return {
    kind: "group_member",
    key: groupMemberKey(group, foldIdentity(member as Identity)),
    before: removed ? body : undefined,
    after: removed ? undefined : body,
  };
}

/** The configuration of the bench itself, beside that of the fleet. */
export const benchConfiguration = `
projects:
  - name: bench
    realms:
      - name: pool
        bindings:
          - role: role/swarming.poolUser
            principals: ["group:${visibleGroup}"]
pools: [{ name: bench, realm: "bench:pool" }]
`;

function row(group: string, member: string): Membership {
  return { group, identity: foldIdentity(member as Identity), member };
}

function toCreation({ kind, key, body }: ReturnType<typeof toEntities>[number]): EntityChange {
  return { kind, key, before: undefined, after: body } as EntityChange;
}

function withDelegation(policy: World): World {
  const { delegations = [], ...settings } = policy.settings ?? {};
  return {
    ...policy,
    settings: { ...settings, delegations: [...delegations, { group: rootGroup }] },
  };
}

/** One of the first list, then nine of the second, until the second is at its end. */
function interleaved(
  large: readonly Membership[],
  spread: readonly Membership[],
): readonly Membership[] {
  const rows: Membership[] = [];
  for (let index = 0; index * 9 < spread.length; index += 1) {
    rows.push(...large.slice(index, index + 1), ...spread.slice(index * 9, index * 9 + 9));
  }
  return rows;
}

function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
  const random = createRandom(seed);
  const copy = [...list];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = random.int(last + 1);
    [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
  }
  return copy;
}
