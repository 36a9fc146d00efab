import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Group } from "../../src/domain/model.ts";
import { checkBotPerm } from "../../src/engine/checker/check-bot-perm.ts";
import { filterPoolsByPerm } from "../../src/engine/checker/filter-pools-by-perm.ts";
import { mayAskOnBehalf } from "../../src/engine/delegation.ts";
import { createSnapshot, type Snapshot, type SnapshotInput } from "../../src/engine/snapshot.ts";
import { bots, id, input, pool, wordsOf } from "./world.ts";

const identities = ["user:ann@x", "user:ANN@x", "bot:b1", "service:s"].map(id);
const permissions = ["swarming.pools.listBots", "swarming.tasks.get", "x.y.z"];
const groupNames = ["a", "b", "c", "d"];
const realmNames = ["p:@root", "p:r", "p:s", "q:r"];
const poolNames = ["p1", "p2", "p3", "gone"];
const botIds = ["h1", "h1--1", "vm7", "vm12", "other"];

function someOf(values: readonly string[]): fc.Arbitrary<string[]> {
  return fc.subarray([...values]);
}

function groupNamed(name: string): fc.Arbitrary<Group> {
  return fc.record({
    name: fc.constant(name),
    description: fc.constant(""),
    owners: fc.constant("a"),
    members: someOf(identities),
    globs: someOf(["user:*", "user:ann@*", "bot:*1"]),
    nested: someOf([...groupNames, "ghost"]),
  });
}

const binding = fc.record({
  permissions: someOf(permissions),
  principals: someOf(["user:Ann@x", "bot:b1", "group:a", "group:c", "group:ghost"]),
  conditions: fc.subarray([
    { attribute: "k", values: ["v", "w"] },
    { attribute: "l", values: ["v"] },
  ]),
});

const settingOf = fc.constantFrom("", ...groupNames);

const worlds: fc.Arbitrary<SnapshotInput> = fc.record({
  revision: fc.constant(1n),
  settings: fc.record({
    adminsGroup: settingOf,
    botBootstrapGroup: settingOf,
    privilegedUsersGroup: settingOf,
    usersGroup: settingOf,
    viewAllBotsGroup: settingOf,
    viewAllTasksGroup: settingOf,
    readersGroup: settingOf,
    reasonRequired: fc.constant(false),
    delegations: fc.array(
      fc.record({
        group: fc.constantFrom(...groupNames),
        callerGlobs: someOf(["user:*", "bot:*"]),
        permissions: someOf(permissions),
        realms: someOf(realmNames),
      }),
      { maxLength: 3 },
    ),
  }),
  permissions: someOf(permissions),
  realms: fc
    .tuple(someOf(realmNames), fc.array(fc.array(binding, { maxLength: 3 }), { minLength: 4 }))
    .map(([names, lists]) => names.map((name, index) => ({ name, bindings: lists[index] ?? [] }))),
  pools: fc
    .tuple(...["p1", "p2", "p3"].map(() => fc.constantFrom(...realmNames)))
    .map((realms) => realms.map((realmName, index) => pool(`p${index + 1}`, realmName))),
  botGroups: fc
    .tuple(someOf(poolNames), someOf(poolNames), someOf(poolNames))
    .map(([first, second, third]) => [
      bots("one", { botIds: ["h1"], botIdPrefixes: ["vm1"], pools: first }),
      bots("two", { botIds: ["h1--1", "vm{7..9}"], pools: second }),
      bots("rest", { pools: third }),
    ]),
  groups: fc.tuple(...groupNames.map(groupNamed)).map((groups) => groups),
});

/** The same input with every list in another order, by a small generator seeded with `seed`. */
function shuffled<T>(value: T, seed: { state: number }): T {
  if (Array.isArray(value)) {
    const list = value.map((item: unknown) => shuffled(item, seed));
    for (let index = list.length - 1; index > 0; index -= 1) {
      seed.state = (Math.imul(seed.state, 1664525) + 1013904223) >>> 0;
      const other = seed.state % (index + 1);
      [list[index], list[other]] = [list[other], list[index]];
    }
    return list as T;
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, shuffled(item, seed)]),
    ) as T;
  }
  return value;
}

/** Every answer that the questions of this file have. */
function answers(snapshot: Snapshot): unknown[] {
  const found: unknown[] = [botIds.map((bot) => snapshot.fleet.poolsOfBot(bot))];
  for (const identity of identities) {
    for (const name of groupNames) found.push(snapshot.authDb.isMember(identity, name));
    for (const permission of permissions) {
      for (const realmName of [...realmNames, "q:gone", "p:gone"]) {
        for (const attributes of [
          undefined,
          new Map([["k", "v"]]),
          new Map([
            ["k", "w"],
            ["l", "v"],
          ]),
        ]) {
          found.push(snapshot.authDb.hasPermission(identity, permission, realmName, attributes));
        }
      }
      found.push(filterPoolsByPerm(snapshot, identity, permission, poolNames));
      for (const botId of botIds)
        found.push(wordsOf(checkBotPerm(snapshot, identity, permission, botId)));
      for (const peer of identities) {
        const question = { permission, pools: ["p1"], bots: [], realms: [] };
        found.push(mayAskOnBehalf(snapshot, peer, identity, question));
      }
    }
  }
  return found;
}

describe("the order of the input", () => {
  it("changes no answer", () => {
    fc.assert(
      fc.property(worlds, fc.nat(), (parts, state) => {
        const one = createSnapshot(input(parts));
        const other = createSnapshot(input(shuffled(parts, { state })));
        assert.deepEqual(answers(other), answers(one));
      }),
      { numRuns: 150 },
    );
  });

  it("changes no answer when it is the order of the questions", () => {
    fc.assert(
      fc.property(worlds, (parts) => {
        const snapshot = createSnapshot(parts);
        assert.deepEqual(answers(snapshot), answers(snapshot));
      }),
      { numRuns: 50 },
    );
  });
});
