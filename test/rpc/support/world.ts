import type { ApiKeyBody } from "../../../src/domain/entity.ts";
import {
  defaultSettings,
  emptyConfiguration,
  type Binding,
  type Configuration,
  type Delegation,
  type Group,
} from "../../../src/domain/model.ts";
import { createVersionedMap } from "../../../src/engine/versioned-map.ts";
import { createOrigin } from "../../../src/replica/origin.ts";
import { formatRevisionToken } from "../../../src/replica/revision-token.ts";
import type { ReplicaState } from "../../../src/replica/state.ts";
import { makeKey } from "./keys.ts";

/** The database of the tests. */
export const databaseId = "01234567-89ab-cdef-0123-456789abcdef";

/** The keys of the usual peers. */
export const keys = {
  root: makeKey("user:root@example.com"),
  ann: makeKey("user:ann@example.com"),
  scheduler: makeKey("service:scheduler"),
  narrow: makeKey("service:narrow"),
};

/** A group. */
export function group(name: string, members: readonly string[]): Group {
  return { name, description: "", owners: "administrators", members, globs: [], nested: [] };
}

/** A binding without conditions. */
export function binding(role: string, ...principals: readonly string[]): Binding {
  return { role, principals, conditions: [] };
}

/** A delegation that covers everything but what is given. */
export function delegation(group: string, changes: Partial<Delegation> = {}): Delegation {
  return { group, callerGlobs: [], permissions: [], realms: [], ...changes };
}

/**
 * The usual configuration. Ann may submit tasks to pool `ci` and see its bots; nobody may do anything in
 * pool `secret`. `service:scheduler` may ask about anybody, `service:narrow` about people in realm
 * `acme:pools/ci` and about submitting only.
 */
export const usual: Configuration = {
  ...emptyConfiguration,
  settings: {
    ...defaultSettings,
    delegations: [
      delegation("schedulers"),
      delegation("narrow", {
        callerGlobs: ["user:*@example.com"],
        permissions: ["swarming.pools.createTask"],
        realms: ["acme:pools/ci"],
      }),
    ],
  },
  projects: [
    {
      name: "acme",
      customRoles: [],
      realms: [
        {
          name: "pools/ci",
          extends: [],
          bindings: [
            binding("role/swarming.poolUser", "user:ann@example.com"),
            binding("role/swarming.poolViewer", "user:ann@example.com"),
          ],
        },
        { name: "pools/secret", extends: [], bindings: [] },
        {
          name: "tasks",
          extends: [],
          bindings: [
            binding("role/swarming.taskTriggerer", "user:ann@example.com"),
            binding("role/swarming.taskServiceAccount", "user:robot@example.com"),
          ],
        },
      ],
    },
  ],
  pools: [
    { name: "ci", realm: "acme:pools/ci", defaultTaskRealm: "" },
    { name: "secret", realm: "acme:pools/secret", defaultTaskRealm: "" },
  ],
  botGroups: [
    { name: "ci", botIds: ["ci-1"], botIdPrefixes: [], pools: ["ci"] },
    { name: "hidden", botIds: ["hidden-1"], botIdPrefixes: [], pools: ["secret"] },
  ],
  groups: [
    group("administrators", ["user:root@example.com"]),
    group("schedulers", ["service:scheduler"]),
    group("narrow", ["service:narrow"]),
  ],
};

function hashAfter(revision: number): [bigint, Uint8Array] {
  return [BigInt(revision + 1), chainHash(BigInt(revision + 1))];
}

/** A state at a revision; its chain hash is made of the revision. */
export function createState(
  configuration: Configuration = usual,
  revision = 7n,
  apiKeys: readonly ApiKeyBody[] = Object.values(keys).map(({ body }) => body),
): ReplicaState {
  return {
    ...createOrigin(revision, new Map([["main", configuration]])),
    databaseId,
    revision,
    revisionToken: formatRevisionToken({ databaseId, revision, chainHash: chainHash(revision) }),
    chainHash: chainHash(revision),
    tokenKey: new Uint8Array(32),
    recentHashes: createVersionedMap(new Map([...Array(Number(revision)).keys()].map(hashAfter))),
    sources: new Map([["main", { revision }]]),
    apiKeys: createVersionedMap(new Map(apiKeys.map((key) => [key.id, key]))),
    takeOvers: new Map(),
    acceptedRestores: new Set(),
  };
}

/** The chain hash of the states that createState makes. */
export function chainHash(revision: bigint): Uint8Array {
  return new Uint8Array(32).fill(Number(revision));
}
