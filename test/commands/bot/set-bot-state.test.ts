import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { requeueBot } from "../../../src/commands/bot/requeue-bot.ts";
import { setBotState, type SetBotStateInput } from "../../../src/commands/bot/set-bot-state.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { createWorld, provisioner, stranger, type World } from "./world.ts";

const denied = hasReason("PERMISSION_REQUIRED", { permission: "fleetgate.bots.manage" });

onPostgres((_name, openStorage) => {
  let world: World;
  before(async () => {
    world = createWorld(await openStorage());
  });

  function set(id: string, input: Partial<SetBotStateInput>, who = provisioner) {
    const nothing = { runnerState: undefined, instanceState: undefined };
    const usual = { id, ...nothing, agentId: 0n, expectedVersion: 0n };
    return setBotState(world.deps, world.snapshot, who, { ...usual, ...input });
  }

  describe("setBotState by a provisioner", () => {
    it("moves runner and machine in one version, with one event and one row in the audit", async () => {
      const { id, uid } = await world.bot();
      const input = { runnerState: "installing", instanceState: "creating", agentId: 5n } as const;
      const bot = await set(id, input);
      assert.deepEqual(
        [bot.runnerState, bot.instanceState, bot.agentId, bot.version],
        ["installing", "creating", 5n, 2n],
      );
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events, [{ version: 2n, shrinks: false }]);
      assert.deepEqual(audit, ["bot_created", "bot_state"]);
      assert.ok(world.known.includes(uid));
    });

    it("makes no version of what changes nothing, nor of what a runner that has ended reports (G42, G44)", async () => {
      const { id, uid } = await world.bot();
      assert.equal((await set(id, {})).version, 1n);
      assert.equal((await set(id, { runnerState: "pending" })).version, 1n);
      assert.equal((await set(id, { runnerState: "failed" })).version, 2n);
      const late = await set(id, { runnerState: "idle", agentId: 9n });
      assert.deepEqual([late.version, late.runnerState, late.agentId], [2n, "failed", 0n]);
      assert.equal((await world.history(uid, id)).events.length, 1);
    });

    it("changes nothing when one of two steps is illegal", async () => {
      const { id } = await world.bot();
      await assert.rejects(
        set(id, { runnerState: "idle", instanceState: "deleted" }),
        hasReason("ILLEGAL_TRANSITION", { kind: "instance" }),
      );
      const bot = await set(id, {});
      assert.deepEqual([bot.runnerState, bot.version], ["pending", 1n]);
    });

    it("wants the version that it expects, also for what changes nothing", async () => {
      const { id } = await world.bot();
      await set(id, { runnerState: "idle", expectedVersion: 1n });
      const moved = hasReason("ETAG_MISMATCH", { bot: id });
      await assert.rejects(set(id, { runnerState: "active", expectedVersion: 1n }), moved);
      await assert.rejects(set(id, { expectedVersion: 1n }), moved);
      assert.equal((await set(id, { runnerState: "active", expectedVersion: 2n })).version, 3n);
    });

    it("refuses another agent id than is known, until the next attempt (G43, G46)", async () => {
      const { id } = await world.bot();
      await set(id, { agentId: 7n });
      const wrong = hasReason("INVALID_FIELD", { field: "agent_id" });
      await assert.rejects(set(id, { agentId: 8n }), wrong);
      await assert.rejects(set(id, { agentId: -1n }), wrong);
      await set(id, { instanceState: "error" });
      const { deps, snapshot } = world;
      const bot = await requeueBot(deps, snapshot, provisioner, { id, expectedGeneration: 1 });
      assert.equal(bot.agentId, 0n);
      assert.equal((await set(id, { agentId: 8n })).agentId, 8n);
    });

    it("is one answer for bots of others and for none", async () => {
      const { id } = await world.bot();
      await assert.rejects(set(id, { runnerState: "idle" }, stranger), denied);
      await assert.rejects(set("nobody", { runnerState: "idle" }, stranger), denied);
      await assert.rejects(set("", {}), hasReason("INVALID_FIELD", { field: "bot_id" }));
    });
  });

  describe("setBotState by the bot itself", () => {
    it("tells of the runner by boot token, and then by session", async () => {
      const { boot } = await world.running();
      assert.equal(
        (await set("", { runnerState: "installing" }, await world.by(boot))).runnerState,
        "installing",
      );
      const { token } = await world.open(boot);
      assert.equal(
        (await set("", { runnerState: "idle" }, await world.by(token))).runnerState,
        "idle",
      );
    });

    it("is not for its machine, nor for another bot, whatever the realm gives it (U40)", async () => {
      const { boot } = await world.running("mighty");
      const { id: another } = await world.bot();
      const itself = await world.by(boot);
      await assert.rejects(set("", { instanceState: "stopped" }, itself), denied);
      await assert.rejects(set(another, { runnerState: "failed" }, itself), denied);
      await assert.rejects(set("nobody", { runnerState: "failed" }, itself), denied);
    });

    it("is judged on what is stored now, not on what the gate knew (G39)", async () => {
      const refused = hasReason("CREDENTIAL_REQUIRED");
      const { id, uid, boot } = await world.running();
      const { token } = await world.open(boot);
      const [byBoot, bySession] = [await world.by(boot), await world.by(token)];
      const report = { runnerState: "installing" } as const;
      await world.put(uid, "idle", "running");
      await assert.rejects(set("", report, byBoot), refused);
      await world.put(uid, "pending", "stopped");
      await assert.rejects(set("", report, byBoot), refused);
      await assert.rejects(set("", report, bySession), refused);
      await world.put(uid, "pending", "running");
      await world.open(boot);
      await assert.rejects(set("", report, bySession), refused);
      // Its epoch alone is enough: whether it is revoked as well makes no difference (U42).
      await world.storage.db.updateTable("credential").set({ revoked_at: null }).execute();
      await assert.rejects(set("", report, bySession), refused);
      await world.age(boot, "expires_at", 3_600_000);
      await assert.rejects(set("", report, byBoot), refused);
      const again = await world.by(await world.boot(id));
      await world.put(uid, "failed", "error");
      const { deps, snapshot } = world;
      await requeueBot(deps, snapshot, provisioner, { id, expectedGeneration: 1 });
      await world.put(uid, "pending", "running");
      await assert.rejects(set("", report, again), refused);
    });

    it("is refused once its realm is gone", async () => {
      const { uid, boot } = await world.running();
      const itself = await world.by(boot);
      await world.storage.db
        .updateTable("subject")
        .set({ realm: "proj:none" })
        .where("uid", "=", uid)
        .execute();
      await assert.rejects(
        set("", { runnerState: "installing" }, itself),
        hasReason("CREDENTIAL_REQUIRED"),
      );
    });
  });
});
