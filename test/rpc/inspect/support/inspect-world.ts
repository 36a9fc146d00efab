import {
  defaultSettings,
  emptyConfiguration,
  type Configuration,
} from "../../../../src/domain/model.ts";
import type { ReplicaState } from "../../../../src/replica/state.ts";
import { makeKey } from "../../support/keys.ts";
import { binding, createState, delegation, group } from "../../support/world.ts";

/** The askers of InspectService. */
export const askers = {
  administrator: makeKey("user:root@example.com"),
  reader: makeKey("user:reader@example.com"),
  /** Owns the group `devs`, and no other. */
  owner: makeKey("user:lead@example.com"),
  /** In `devs` by `linux-devs`. */
  ann: makeKey("user:ann@example.com"),
  /** May ask about people in realm `acme:ci`. */
  delegated: makeKey("service:scheduler"),
  stranger: makeKey("user:stranger@example.com"),
};

/** One of the askers. */
export type Asker = keyof typeof askers;

/**
 * Ann may submit tasks to pool `ci`: `linux-devs` lists her, `devs` nests that, `everybody` nests this and
 * is bound. Nobody may do anything in pool `secret`. The owner may ask about everybody.
 */
export const inspected: Configuration = {
  ...emptyConfiguration,
  settings: {
    ...defaultSettings,
    readersGroup: "auditors",
    delegations: [
      delegation("schedulers", { callerGlobs: ["user:*"], realms: ["acme:ci"] }),
      delegation("leads"),
    ],
  },
  projects: [
    {
      name: "acme",
      customRoles: [],
      realms: [
        { name: "@root", extends: [], bindings: [] },
        {
          name: "ci",
          extends: [],
          bindings: [
            binding("role/swarming.poolUser", "group:everybody"),
            binding("role/swarming.taskTriggerer", "user:ann@example.com"),
            binding("role/swarming.taskServiceAccount", "user:robot@example.com"),
          ],
        },
        { name: "secret", extends: [], bindings: [] },
      ],
    },
  ],
  pools: [
    { name: "ci", realm: "acme:ci", defaultTaskRealm: "" },
    { name: "secret", realm: "acme:secret", defaultTaskRealm: "" },
  ],
  botGroups: [{ name: "ci", botIds: ["ci-1"], botIdPrefixes: [], pools: ["ci"] }],
  groups: [
    group("administrators", ["user:root@example.com"]),
    group("auditors", ["user:reader@example.com"]),
    group("schedulers", ["service:scheduler"]),
    group("leads", ["user:lead@example.com"]),
    group("linux-devs", ["user:ann@example.com"]),
    { ...group("devs", []), nested: ["linux-devs"], owners: "leads" },
    { ...group("everybody", []), nested: ["devs"] },
  ],
};

/** The state of the configuration, or of another one, at a revision, with the keys of all askers. */
export function inspectState(configuration = inspected, revision = 7n): ReplicaState {
  return createState(
    configuration,
    revision,
    Object.values(askers).map(({ body }) => body),
  );
}
