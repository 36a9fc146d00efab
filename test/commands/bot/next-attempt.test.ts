import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { hashSecret } from "../../../src/commands/api-key.ts";
import { deleteBot } from "../../../src/commands/bot/delete-bot.ts";
import { fetchOnce } from "../../../src/commands/bot/fetch-once.ts";
import {
  issueBootToken,
  type IssueBootTokenInput,
} from "../../../src/commands/bot/issue-boot-token.ts";
import { requeueBot } from "../../../src/commands/bot/requeue-bot.ts";
import { parseBearerToken } from "../../../src/domain/bearer-token.ts";
import type { InstanceState, RunnerState } from "../../../src/domain/credential/bot-states.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { statePairs } from "./state-rules.ts";
import { createWorld, provisioner, stranger, type World } from "./world.ts";

const denied = hasReason("PERMISSION_REQUIRED");
const refused = hasReason("CREDENTIAL_REQUIRED");

onPostgres((name, openStorage) => {
  let world: World;
  before(async () => {
    world = createWorld(await openStorage());
  });

  const requeue = (id: string, expectedGeneration: number, who = provisioner) =>
    requeueBot(world.deps, world.snapshot, who, { id, expectedGeneration });
  function issue(id: string, input: Partial<IssueBootTokenInput> = {}, who = provisioner) {
    const usual = { id, generation: 1, ttl: undefined, audiences: [] };
    return issueBootToken(world.deps, world.snapshot, who, { ...usual, ...input });
  }

  describe("requeueBot (G46)", () => {
    it("begins anew: one generation and one epoch more, its secrets to be fetched again", async () => {
      const { id, uid, boot } = await world.running();
      const { deps, snapshot } = world;
      const by = await world.by(boot);
      await fetchOnce(deps, snapshot, by, { name: "reg", shown: undefined });
      const session = await world.open(boot);
      await world.put(uid, "failed", "error");
      const bot = await requeue(id, 1);
      assert.deepEqual(
        [bot.generation, bot.epoch, bot.runnerState, bot.instanceState],
        [2, session.epoch + 1n, "pending", "pending_create"],
      );
      assert.deepEqual(
        bot.oneTimeSecrets.map(({ fetchedAt }) => fetchedAt),
        [undefined, undefined],
      );
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events.at(-1), { version: bot.version, shrinks: true });
      assert.equal(audit.at(-1), "requeued");
    });

    it("makes every older token dead, and new ones good (G27)", async () => {
      const { id, uid, boot } = await world.running();
      const { token, resumeToken } = await world.open(boot);
      await world.put(uid, "failed", "error");
      await requeue(id, 1);
      await world.put(uid, "pending", "running");
      const { deps, snapshot } = world;
      const next = await world.boot(id, 2);
      for (const old of [boot, token, resumeToken]) {
        const fetching = fetchOnce(deps, snapshot, await world.by(old, { kind: "boot" }), {
          name: "reg",
          shown: undefined,
        });
        await assert.rejects(fetching, refused);
      }
      await assert.rejects(world.open(boot), refused);
      await fetchOnce(deps, snapshot, await world.by(next), { name: "reg", shown: undefined });
    });

    it("wants the current generation, the state error and fewer than 5 attempts, in this order", async () => {
      const { id, uid } = await world.bot();
      await assert.rejects(requeue(id, 2), hasReason("GENERATION_MOVED", { generation: "1" }));
      await assert.rejects(
        requeue(id, 1),
        hasReason("ILLEGAL_TRANSITION", {
          kind: "instance",
          from: "pending_create",
          to: "pending_create",
        }),
      );
      for (let generation = 1; generation < 5; generation += 1) {
        await world.put(uid, "pending", "error");
        assert.equal((await requeue(id, generation)).generation, generation + 1);
        const moved = hasReason("GENERATION_MOVED", { generation: String(generation + 1) });
        await assert.rejects(requeue(id, generation), moved);
      }
      await world.put(uid, "pending", "error");
      await assert.rejects(requeue(id, 5), hasReason("ATTEMPTS_EXHAUSTED", { generation: "5" }));
    });

    it("is for no state but error", async () => {
      const { id, uid } = await world.bot();
      for (const instance of new Set(statePairs.map((pair) => pair.instance))) {
        if (instance === "error") continue;
        await world.put(uid, "failed", instance as InstanceState);
        await assert.rejects(requeue(id, 1), hasReason("ILLEGAL_TRANSITION"));
      }
    });

    it("is one answer for strangers, and none for bearers of bots' tokens (U40)", async () => {
      const { id, boot } = await world.running();
      await assert.rejects(requeue(id, 1, stranger), denied);
      await assert.rejects(requeue("nobody", 1, stranger), denied);
      await assert.rejects(requeue(id, 1, await world.by(boot)), refused);
    });
  });

  describe("issueBootToken", () => {
    it("keeps a hash of the secret, and is bound to uid and generation (G2, U49)", async () => {
      const { id, uid } = await world.bot();
      const { token, credentialId } = await issue(id, { audiences: ["fleetgate", "cache"] });
      const parsed = parseBearerToken(token);
      assert.deepEqual([parsed?.kind, parsed?.id], ["bb", credentialId]);
      const row = await world.storage.db
        .selectFrom("credential")
        .selectAll()
        .where("id", "=", credentialId)
        .executeTakeFirstOrThrow();
      assert.deepEqual(Buffer.from(row.secret_hash ?? []), hashSecret(parsed?.secret ?? ""));
      assert.deepEqual([row.subject_uid, row.generation, row.kind], [uid, 1, "boot"]);
      assert.deepEqual(
        [row.audiences, row.issued_by],
        [["cache", "fleetgate"], "service:provisioner"],
      );
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual([events, audit], [[], ["bot_created", "issued"]]);
    });

    it("lives as long as the bot may take and 5 minutes more, cut to whole seconds (G3, G4, GH3)", async () => {
      const { id } = await world.bot();
      const now = async (): Promise<number> => {
        const rows = await world.storage.session((run) => run("select now() as now"));
        const [row = assert.fail()] = rows;
        return (row["now"] as Date).getTime();
      };
      for (const [ttl, seconds] of [
        [undefined, 20 * 60],
        [1000, 1],
        [24 * 3_600_000, 24 * 3600],
      ] as const) {
        const before = await now();
        const expiry = (await issue(id, { ttl })).expiresAt.getTime();
        const after = await now();
        assert.equal(expiry % 1000, 0);
        assert.ok(expiry > before + (seconds + 300) * 1000 - 1000);
        assert.ok(expiry <= after + (seconds + 300) * 1000);
      }
    });

    for (const ttl of [0, 999, 24 * 3_600_000 + 1, -1, Number.NaN, 2 ** 63]) {
      it(`refuses a ttl of ${ttl} ms (GH3)`, async () => {
        await assert.rejects(issue("any", { ttl }), hasReason("INVALID_FIELD", { field: "ttl" }));
      });
    }

    it("wants the current generation", async () => {
      const { id } = await world.bot();
      await assert.rejects(
        issue(id, { generation: 2 }),
        hasReason("GENERATION_MOVED", { generation: "1" }),
      );
    });

    if (name === "Postgres") {
      it("is refused exactly in the states after which none follows that accepts it (90 pairs)", async () => {
        // A runner that was set up is not set up again; a machine may be created yet, or run again.
        const yet = ["pending_create", "creating", "running", "stopped", "unknown"];
        const { id, uid } = await world.bot();
        for (const { runner, instance } of statePairs) {
          await world.put(uid, runner as RunnerState, instance as InstanceState);
          const may = ["pending", "installing"].includes(runner) && yet.includes(instance);
          if (may) await issue(id);
          else await assert.rejects(issue(id), hasReason("ILLEGAL_TRANSITION"));
        }
      });
    }

    it("is not for a bot that is gone, for strangers or for bearers of bots' tokens (U40)", async () => {
      const { id, boot } = await world.running();
      await assert.rejects(issue(id, {}, stranger), denied);
      await assert.rejects(issue(id, {}, await world.by(boot)), refused);
      await deleteBot(world.deps, world.snapshot, provisioner, { id, uid: "" });
      await assert.rejects(issue(id), denied);
    });

    it("is of no use to a bot that was created anew under the same id (GH2, U49)", async () => {
      const { id, boot } = await world.running();
      const old = await world.by(boot);
      await deleteBot(world.deps, world.snapshot, provisioner, { id, uid: "" });
      const next = await world.bot(id);
      await world.put(next.uid, "pending", "running");
      const { deps, snapshot } = world;
      const fetching = fetchOnce(deps, snapshot, old, { name: "reg", shown: undefined });
      await assert.rejects(fetching, refused);
      await assert.rejects(world.open(boot), refused);
    });
  });
});
