import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Witness } from "../../../src/engine/inspect/explanation.ts";
import type { CheckQuestion } from "../../../src/engine/inspect/question.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import { defaultSettings } from "../../../src/domain/model.ts";
import { explainCheck } from "../../../src/engine/inspect/explain.ts";
import { inspectWorld } from "../../conformance/support/explain-world.ts";
import type { World, WorldGroup } from "../../spec/world.ts";
import { group, id } from "../world.ts";
import {
  ann,
  createTask,
  explainAmong,
  explainIn,
  fleet,
  get,
  inPool,
  onTask,
  users,
} from "./explain-world.ts";

/** The witness of the only step that says yes. */
function witnessIn(world: World, question: CheckQuestion = inPool("r"), caller = ann): Witness {
  const { steps } = explainIn(world, caller, question);
  const witness = steps.at(-1)?.witness;
  assert.ok(witness !== undefined, "no witness");
  return witness;
}

/** A pool `r` whose users are these, among groups. */
function pool(principals: readonly string[], ...groups: readonly WorldGroup[]): World {
  return { ...fleet({ name: "r", bindings: [users(...principals)] }), groups };
}

/** The memberships in short. */
function path({ memberships }: Witness): readonly string[] {
  return memberships.map(
    ({ group, reason }) => `${group}: ${reason.kind} ${Object.values(reason)[1]}`,
  );
}

describe("a witness", () => {
  it("has no membership when the caller is a principal itself, though groups come first", () => {
    const witness = witnessIn(pool(["group:a", "user:Ann@X.com"], { name: "a", members: [ann] }));
    assert.deepEqual(witness, {
      memberships: [],
      settings: [],
      binding: {
        realm: "p:r",
        inheritance: ["p:r"],
        role: "role/swarming.poolUser",
        rolePath: ["role/swarming.poolUser"],
        principal: "user:Ann@X.com",
        source: "main",
      },
    });
  });

  it("is empty for the submitter", () => {
    assert.deepEqual(witnessIn({}, onTask({ submitter: ann })), {
      memberships: [],
      settings: [],
      binding: undefined,
    });
  });

  it("goes from the caller up to the group that is bound", () => {
    const witness = witnessIn(
      pool(
        ["group:top"],
        { name: "top", nested: ["middle"] },
        { name: "middle", nested: ["low"] },
        { name: "low", members: ["user:ANN@x.com"] },
      ),
    );
    assert.deepEqual(path(witness), [
      "low: member user:ANN@x.com",
      "middle: nested low",
      "top: nested middle",
    ]);
    assert.equal(witness.memberships[0]?.source, "main");
    assert.equal(witness.binding?.principal, "group:top");
  });

  it("takes the shortest way of several, and the nearest of several groups that are bound", () => {
    const groups = [
      { name: "a-top", nested: ["b-middle"] },
      { name: "b-middle", nested: ["low"] },
      { name: "low", globs: ["user:*@x.com"] },
      { name: "z-top", nested: ["low", "b-middle"] },
    ];
    assert.deepEqual(path(witnessIn(pool(["group:a-top", "group:z-top"], ...groups))), [
      "low: glob user:*@x.com",
      "z-top: nested low",
    ]);
  });

  it("takes of ways of one length the one with a listed member, then the one with the smallest names", () => {
    const top = { name: "top", nested: ["a", "b", "c"] };
    const byGlob = { name: "a", globs: ["user:ann@*", "user:*"] };
    const members = ["user:ann@X.com", "user:Ann@x.com"];
    const c = { name: "c", members };
    assert.deepEqual(path(witnessIn(pool(["group:top"], top, byGlob, c, { name: "b", members }))), [
      "b: member user:Ann@x.com",
      "top: nested b",
    ]);
    assert.deepEqual(path(witnessIn(pool(["group:top"], { name: "top", nested: ["a"] }, byGlob))), [
      "a: glob user:*",
      "top: nested a",
    ]);
  });

  it("takes of globs of one length the group with the smallest name, wherever else a glob stands", () => {
    const all = ["user:*"];
    const groups = [
      { name: "a", globs: all },
      { name: "b", globs: ["user:ann*"] },
      { name: "c", globs: all },
      { name: "top", nested: ["b", "c"] },
    ];
    assert.deepEqual(path(witnessIn(pool(["group:top"], ...groups))), [
      "b: glob user:ann*",
      "top: nested b",
    ]);
  });

  it("takes of several bindings to one principal the nearest", () => {
    const binding = users(ann);
    const world = fleet(
      { name: "@root", bindings: [binding] },
      { name: "base", bindings: [binding] },
      { name: "r", extends: ["base"] },
    );
    assert.deepEqual(witnessIn(world).binding?.inheritance, ["p:r", "p:@root"]);
  });

  it("never rests on a binding with conditions", () => {
    const conditions = [{ attribute: "zone", values: ["a"] }];
    const world = fleet(
      { name: "@root", bindings: [users("group:a")] },
      { name: "r", bindings: [{ ...users(ann), conditions }] },
    );
    const witness = witnessIn({ ...world, groups: [{ name: "a", members: [ann] }] });
    assert.equal(witness.binding?.realm, "p:@root");
    assert.equal(witness.memberships.length, 1);
  });

  it("names the settings that give a group the permission at the server level", () => {
    const server: CheckQuestion = { check: "server", permission: get };
    const groups = [{ name: "administrators", members: [ann] }];
    assert.deepEqual(witnessIn({ groups }, server).settings, ["adminsGroup"]);
    const settings = { view_all_tasks_group: "a", privileged_users_group: "a", users_group: "a" };
    const both = { settings, groups: [{ name: "a", members: [ann] }, ...groups] };
    assert.deepEqual(witnessIn(both, server).settings, [
      "viewAllTasksGroup",
      "privilegedUsersGroup",
    ]);
  });

  it("is found in cycles of groups", () => {
    const groups = [
      group("a", { nested: ["c"] }),
      group("b", { nested: ["a"], members: [ann] }),
      group("c", { nested: ["b"] }),
    ];
    const settings = { ...defaultSettings, adminsGroup: "a" };
    const server: CheckQuestion = { check: "server", permission: get };
    const explanation = explainAmong(groups, { settings }, ann, server);
    const witness = explanation.steps[0]?.witness;
    assert.ok(witness !== undefined);
    assert.deepEqual(path(witness), ["b: member user:ann@x.com", "c: nested b", "a: nested c"]);
  });

  it("that does not fit the decision is never told", () => {
    const inspection = inspectWorld(pool([ann]));
    assert.throws(
      () =>
        explainCheck(
          { ...inspectWorld(pool(["user:bob@x.com"])), snapshot: inspection.snapshot },
          id(ann),
          { check: "pool", permission: createTask, pool: "r" },
        ),
      (error) => error instanceof DomainError && error.reason === "INTERNAL_FAULT",
    );
  });
});
