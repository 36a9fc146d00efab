import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { createBot } from "../../../src/commands/bot/create-bot.ts";
import { issueBootToken } from "../../../src/commands/bot/issue-boot-token.ts";
import { openSession } from "../../../src/commands/session/open-session.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import type { BotGroup } from "../../../src/domain/model.ts";
import { builtInPermissions } from "../../../src/domain/permissions.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import { bind, bots, group, id, pool, realm, world as snapshotOf } from "../../engine/world.ts";
import { useDatabase } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { actor, admin, createWorld, type World } from "./world.ts";

const manager = actor("service:a");
const managerOfBoth = actor("service:both");

/** Realms A and B, each with a pool; `service:a` manages the bots of A, `service:both` those of both. */
function fleetOf(...botGroups: readonly BotGroup[]): Snapshot {
  return snapshotOf({
    permissions: [...builtInPermissions],
    groups: [group("administrators", { members: [id("user:root@example.com")] })],
    realms: [
      realm("proj:a", bind("fleetgate.bots.manage", ["service:a", "service:both"])),
      realm("proj:b", bind("fleetgate.bots.manage", ["service:both"])),
    ],
    pools: [pool("pool-a", "proj:a"), pool("pool-b", "proj:b")],
    botGroups,
  });
}

const ofB = bots("b", { botIds: ["listed", "host"], botIdPrefixes: ["pre-"], pools: ["pool-b"] });

describe("whose a bot is by the fleet", () => {
  const open = useDatabase();
  let world: World;
  before(async () => {
    world = createWorld(await open());
  });

  async function create(snapshot: Snapshot, who: typeof manager, botId: string, claimed = "") {
    const input = { id: botId, realm: "proj:a", pool: claimed, uid: "", references: new Map() };
    return createBot(world.deps, snapshot, who, input);
  }
  const issue = (snapshot: Snapshot, who: typeof manager, botId: string) =>
    issueBootToken(world.deps, snapshot, who, {
      ...{ id: botId, generation: 1, ttl: undefined, audiences: [] },
    });

  async function refusal(call: Promise<unknown>): Promise<readonly unknown[]> {
    const error: unknown = await call.then(
      () => assert.fail("it went well"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof DomainError, String(error));
    return [error.reason, error.message, error.metadata];
  }

  for (const [how, botId, groups] of [
    ["listed", "listed", [ofB]],
    ["on a host that is listed", "host--1", [ofB]],
    ["by its prefix", "pre-1", [ofB]],
    ["by the default group", "anything", [bots("default", { pools: ["pool-b"] })]],
    [
      "in pools of both realms",
      "mixed",
      [bots("m", { botIds: ["mixed"], pools: ["pool-a", "pool-b"] })],
    ],
  ] as const) {
    it(`is not only who manages its realm: a bot ${how} in another realm's pool`, async () => {
      const snapshot = fleetOf(...groups);
      const told = await refusal(create(snapshot, manager, botId));
      assert.equal(told[0], "PERMISSION_REQUIRED");
      assert.doesNotMatch(JSON.stringify(told), /pool|proj/);
      assert.equal((await create(snapshot, managerOfBoth, botId)).id, botId);
      // As for a bot that is there and is of others.
      assert.deepEqual(told, await refusal(create(snapshot, actor("service:nobody"), botId)));
    });
  }

  it("is who manages its realm, where the fleet says nothing or the same", async () => {
    const own = bots("a", { botIds: ["own"], pools: ["pool-a"] });
    assert.equal((await create(fleetOf(own, ofB), manager, "own")).id, "own");
    assert.equal((await create(fleetOf(own, ofB), manager, "free")).id, "free");
  });

  it("takes no claim of a pool of another realm, nor tells whether there is such a pool", async () => {
    const snapshot = fleetOf();
    const told = await refusal(create(snapshot, manager, "claims", "pool-b"));
    assert.equal(told[0], "PERMISSION_REQUIRED");
    assert.deepEqual(await refusal(create(snapshot, manager, "claims", "pool-none")), told);
    assert.equal((await create(snapshot, manager, "claims", "pool-a")).pool, "pool-a");
    assert.equal((await create(snapshot, managerOfBoth, "claims-b", "pool-b")).pool, "pool-b");
    const missing = hasReason("INVALID_FIELD", { field: "pool" });
    await assert.rejects(create(snapshot, admin, "claims-none", "pool-none"), missing);
  });

  it("is asked again for each boot token: the fleet may have given the id away since", async () => {
    await create(fleetOf(), manager, "pre-later");
    assert.ok((await issue(fleetOf(), manager, "pre-later")).token);
    await assert.rejects(
      issue(fleetOf(ofB), manager, "pre-later"),
      hasReason("PERMISSION_REQUIRED"),
    );
    assert.ok((await issue(fleetOf(ofB), managerOfBoth, "pre-later")).token);
  });

  it("is asked again when a session is opened, of whom the boot token is", async () => {
    const { uid } = await create(fleetOf(), manager, "pre-opened");
    const [one, other] = [
      (await issue(fleetOf(), manager, "pre-opened")).token,
      (await issue(fleetOf(ofB), managerOfBoth, "pre-opened")).token,
    ];
    await world.put(uid, "pending", "running");
    const input = { ttl: undefined, audiences: [] };
    const openBy = async (token: string, snapshot: Snapshot) =>
      openSession(world.deps, snapshot, await world.by(token), input);
    await assert.rejects(openBy(one, fleetOf(ofB)), hasReason("CREDENTIAL_REQUIRED"));
    assert.ok((await openBy(one, fleetOf())).token);
    assert.ok((await openBy(other, fleetOf(ofB))).token);
  });
});
