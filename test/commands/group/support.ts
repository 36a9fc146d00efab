import { randomBytes } from "node:crypto";
import type { CommandDeps } from "../../../src/commands/deps.ts";
import { lockOutGuards } from "../../../src/commands/guards.ts";
import type { WriteInput } from "../../../src/commands/group/change-groups.ts";
import type { GroupInput } from "../../../src/commands/group/create-group.ts";
import type { Identity } from "../../../src/domain/identity.ts";
import {
  defaultSettings,
  emptyConfiguration,
  type Configuration,
  type Group,
} from "../../../src/domain/model.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import { createOrigin } from "../../../src/replica/origin.ts";
import { createFakeReplica } from "../../rpc/support/fake-replica.ts";
import { createState } from "../../rpc/support/world.ts";

/** A member of `administrators`. */
export const root = "user:root@example.com" as Identity;

/** A reader: a member of the readers group of the settings. */
export const auditor = "user:auditor@example.com" as Identity;

/** A member of `team-owners`, which owns `team` and nothing else. */
export const owner = "user:owner@example.com" as Identity;

/** A member of `group-creators`. */
export const creator = "user:creator@example.com" as Identity;

/** A member of `group-importers`. */
export const importer = "user:importer@example.com" as Identity;

/** Somebody without any right. */
export const nobody = "user:nobody@example.com" as Identity;

/** A group as it is written in tests. */
export function makeGroup(name: string, more: Partial<Group> = {}): Group {
  const none = { description: "", owners: "administrators", members: [], globs: [], nested: [] };
  return { name, ...none, ...more };
}

/** Groups that nobody manages, with somebody in each role. */
export const usualGroups: readonly Group[] = [
  makeGroup("administrators", { members: [root] }),
  makeGroup("auditors", { members: [auditor] }),
  makeGroup("group-creators", { members: [creator] }),
  makeGroup("group-importers", { members: [importer] }),
  makeGroup("team-owners", { members: [owner] }),
  makeGroup("team", {
    owners: "team-owners",
    description: "The team.",
    members: ["user:Ann@example.com", "user:bob@example.com"],
    globs: ["service:team-*"],
    nested: ["helpers"],
  }),
  makeGroup("helpers", { owners: "team-owners" }),
  makeGroup("secret", { members: ["user:spy@example.com"] }),
  makeGroup("ldap/eng", { members: ["user:eng@example.com"] }),
];

/** What a source manages: a group, bindings of groups, settings. */
export const usualPolicy: Configuration = {
  ...emptyConfiguration,
  settings: {
    ...defaultSettings,
    readersGroup: "auditors",
    usersGroup: "fleet-users",
    delegations: [{ group: "delegates", callerGlobs: [], permissions: [], realms: [] }],
  },
  projects: [
    {
      name: "acme",
      customRoles: [],
      realms: [
        {
          name: "ci",
          extends: [],
          bindings: [
            { role: "role/swarming.poolUser", principals: ["group:bound"], conditions: [] },
          ],
        },
      ],
    },
  ],
  groups: [makeGroup("managed", { owners: "team-owners", members: ["user:m@example.com"] })],
};

/** A state of these groups that nobody manages, beside what a source manages. */
export function stateOf(
  groups: readonly Group[] = usualGroups,
  policy: Configuration = usualPolicy,
): ReplicaState {
  const none: Configuration = { ...emptyConfiguration, groups };
  const configurations = new Map([
    ["", none],
    ["main", policy],
  ]);
  return { ...createState(), ...createOrigin(7n, configurations) };
}

/** Commands on one state in memory, without storage: good for whatever only validates. */
export function depsOn(state: ReplicaState): CommandDeps {
  const replica = createFakeReplica(state);
  return { replica, clock: () => new Date(0), randomBytes } as unknown as CommandDeps;
}

/** What every write says, when it is only to be validated. */
export const validating: WriteInput = {
  validateOnly: true,
  requestId: "",
  reason: "",
  guards: lockOutGuards,
};

/** The same when it is meant. */
export const writing: WriteInput = { ...validating, validateOnly: false };

/** A group as a request has it. */
export function groupInput(name: string, more: Partial<GroupInput> = {}): GroupInput {
  const none = { description: "", owners: "", members: [], globs: [], nested: [], outputOnly: [] };
  return { name, ...none, ...more };
}
