import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callerRights, type Scope } from "../../src/credentials/caller-info.ts";
import type { Dependency, TaskSubject } from "../../src/domain/credential/subject.ts";
import { builtInPermissions } from "../../src/domain/permissions.ts";
import { bind, realm, world } from "../engine/world.ts";
import { record, task } from "./support/records.ts";

const snapshot = world({
  permissions: builtInPermissions,
  realms: [
    realm(
      "acme:ci",
      bind("swarming.tasks.get", ["task:t1", "bot:b1"]),
      bind("swarming.tasks.cancel", ["task:t1"]),
      bind("fleetgate.tasks.register", ["bot:b1"]),
      bind("fleetgate.bots.manage", ["bot:b2"]),
    ),
    realm("acme:seen", bind("swarming.tasks.get", ["task:t1"])),
    realm("acme:hidden", bind("swarming.tasks.get", ["user:a@example.com"])),
    // A project in which everybody may see tasks, wherever no realm says otherwise.
    realm("open:@root", bind("swarming.tasks.get", ["task:t1"])),
  ],
});

const scope = (trust: "trusted" | "untrusted", ref: string, more: Partial<Scope> = {}): Scope => ({
  ...{ realm: "acme:ci", trust, ref, taskId: undefined, ...more },
});
const rightsOf = (changes: Partial<TaskSubject>) =>
  callerRights(record("task", { subject: task(changes) }), "all", snapshot);

describe("what a caller may do", () => {
  it("U34 of a task: what the credential lists and the realm gives now, and reporting, sorted and once", () => {
    const permissions = [
      ...["swarming.tasks.get", "swarming.pools.createTask", "swarming.tasks.cancel"],
      ...["swarming.tasks.get", "no.such.permission"],
    ];
    const { permissions: held } = callerRights(record("task", { permissions }), "all", snapshot);
    assert.deepEqual(held, [
      "fleetgate.tasks.report",
      "swarming.tasks.cancel",
      "swarming.tasks.get",
    ]);
    assert.deepEqual(rightsOf({}).permissions, ["fleetgate.tasks.report"]);
  });

  it("of a task that may only report: that, and no scope", () => {
    const permissions = ["swarming.tasks.get"];
    assert.deepEqual(callerRights(record("task", { permissions }), "report", snapshot), {
      permissions: ["fleetgate.tasks.report"],
      readScopes: [],
      writeScopes: [],
    });
  });

  it("of a bot: those of Fleetgate's permissions that the realm gives it, and no scope", () => {
    assert.deepEqual(callerRights(record("session"), "all", snapshot), {
      permissions: ["fleetgate.tasks.register"],
      readScopes: [],
      writeScopes: [],
    });
  });
});

describe("U35 scopes", () => {
  it("a task writes its own ref only, and reads it and what is trusted of the default ref", () => {
    for (const trust of ["trusted", "untrusted"] as const) {
      const rights = rightsOf({ trust, ref: "refs/pull/1", defaultRef: "refs/heads/main" });
      assert.deepEqual(rights.writeScopes, [scope(trust, "refs/pull/1")]);
      assert.deepEqual(rights.readScopes, [
        scope(trust, "refs/pull/1"),
        scope("trusted", "refs/heads/main"),
      ]);
    }
  });

  it("an untrusted task of the default ref writes what trusted ones do not read", () => {
    const rights = rightsOf({
      trust: "untrusted",
      ref: "refs/heads/main",
      defaultRef: "refs/heads/main",
    });
    assert.deepEqual(rights.writeScopes, [scope("untrusted", "refs/heads/main")]);
    const trusted = rightsOf({ ref: "refs/heads/x", defaultRef: "refs/heads/main" });
    assert.ok(!trusted.readScopes.some(({ trust }) => trust === "untrusted"));
  });

  it("without a ref and a default ref, there is one scope; on the default ref, it is listed once", () => {
    assert.deepEqual(rightsOf({ ref: "" }).readScopes, [scope("trusted", "")]);
    const main = { ref: "refs/heads/main", defaultRef: "refs/heads/main" };
    assert.deepEqual(rightsOf(main).readScopes, [scope("trusted", "refs/heads/main")]);
  });

  const dependency = (changes: Partial<Dependency> = {}): Dependency => ({
    ...{ taskId: "d1", realm: "acme:seen", trust: "trusted", ref: "refs/heads/y", ...changes },
  });

  it("a task reads what its dependencies published where who is behind it may see tasks, of realms that exist (L30)", () => {
    const dependencies = [
      dependency(),
      dependency({ taskId: "d2", realm: "acme:hidden" }),
      dependency({ taskId: "d3", realm: "open:gone" }),
      dependency({ taskId: "d4", realm: "acme:ci" }),
    ];
    const own = [scope("trusted", "refs/heads/x")];
    const of = (realm: string, taskId: string) =>
      scope("trusted", "refs/heads/y", { realm, taskId });
    assert.deepEqual(rightsOf({ dependencies }).readScopes, [
      ...own,
      of("acme:seen", "d1"),
      of("acme:ci", "d4"),
    ]);
    const behalf = { dependencies, delegatedUser: "user:a@example.com" };
    assert.deepEqual(rightsOf(behalf).readScopes, [...own, of("acme:hidden", "d2")]);
    assert.deepEqual(rightsOf(behalf).writeScopes, own);
  });

  it("what untrusted tasks published, no trusted task reads, be it a dependency", () => {
    const dependencies = [dependency({ trust: "untrusted" })];
    assert.deepEqual(rightsOf({ dependencies }).readScopes.length, 1);
    assert.deepEqual(rightsOf({ dependencies, trust: "untrusted" }).readScopes.length, 2);
  });
});
