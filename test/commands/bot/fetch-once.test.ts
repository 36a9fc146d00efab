import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Actor } from "../../../src/credentials/deps.ts";
import { deleteBot } from "../../../src/commands/bot/delete-bot.ts";
import { fetchOnce } from "../../../src/commands/bot/fetch-once.ts";
import { formatFetchId, parseFetchId } from "../../../src/commands/bot/fetch-id.ts";
import { getBot } from "../../../src/commands/bot/get-bot.ts";
import { requeueBot } from "../../../src/commands/bot/requeue-bot.ts";
import { returnFetch } from "../../../src/commands/bot/return-fetch.ts";
import type { InstanceState, RunnerState } from "../../../src/domain/credential/bot-states.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { acceptsBoot, statePairs } from "./state-rules.ts";
import { actor, createWorld, provisioner, stranger, type World } from "./world.ts";

const denied = hasReason("PERMISSION_REQUIRED");
const refused = hasReason("CREDENTIAL_REQUIRED");
const shownRefused = hasReason("SHOWN_CREDENTIAL_REFUSED");
const fetched = hasReason("ALREADY_FETCHED", { name: "reg" });

onPostgres((name, openStorage) => {
  let world: World;
  before(async () => {
    world = createWorld(await openStorage());
  });

  const fetchAs = (who: Actor, secret = "reg") =>
    fetchOnce(world.deps, world.snapshot, who, { name: secret, shown: undefined });
  /** What `who` gets that was shown a token. */
  async function fetchFor(token: string, who = provisioner, secret = "reg") {
    const { record } = await world.by(token);
    return fetchOnce(world.deps, world.snapshot, who, { name: secret, shown: record });
  }
  const giveBack = (fetchId: string, who = provisioner) =>
    returnFetch(world.deps, world.snapshot, who, { fetchId });
  async function secretsOf(id: string) {
    const bot = await getBot(world.deps, world.snapshot, provisioner, { id });
    return bot.oneTimeSecrets.map((secret) => [secret.name, secret.fetchedAt !== undefined]);
  }

  describe("fetchOnce (G40, GH5)", () => {
    it("hands each secret out once, to the bot by its boot token", async () => {
      const { id, uid, boot } = await world.running();
      const itself = await world.by(boot);
      assert.deepEqual(await fetchAs(itself), { reference: "vault/reg", fetchId: "" });
      await assert.rejects(fetchAs(itself), fetched);
      assert.equal((await fetchAs(itself, "jit")).reference, "vault/jit");
      assert.deepEqual(await secretsOf(id), [
        ["jit", true],
        ["reg", true],
      ]);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events, [
        { version: 2n, shrinks: false },
        { version: 3n, shrinks: false },
      ]);
      assert.deepEqual(audit.slice(2), ["fetched", "fetched"]);
    });

    it("hands it out once to whoever comes first: the bot, or a service to which it showed its token", async () => {
      const { boot } = await world.running();
      assert.equal((await fetchFor(boot)).reference, "vault/reg");
      await assert.rejects(fetchAs(await world.by(boot)), fetched);
      await assert.rejects(fetchFor(boot, actor("service:second")), fetched);
    });

    it("knows no secret that was not named, whatever objects have by themselves", async () => {
      const { boot } = await world.running();
      const itself = await world.by(boot);
      for (const secret of ["none", "constructor", "__proto__", "", "A", "a b"]) {
        await assert.rejects(
          fetchAs(itself, secret),
          hasReason("INVALID_FIELD", { field: "name" }),
        );
      }
    });

    it("is for boot tokens alone (G17, U40)", async () => {
      const { boot } = await world.running();
      const { token, resumeToken } = await world.open(boot);
      for (const other of [token, resumeToken]) {
        await assert.rejects(fetchAs(await world.by(other)), refused);
        await assert.rejects(fetchFor(other), shownRefused);
        await assert.rejects(fetchFor(boot, await world.by(other)), refused);
      }
      await assert.rejects(fetchAs(provisioner), refused);
    });

    it("tells who does not manage the bot nothing, not even that the token is right", async () => {
      const { id, boot } = await world.running();
      await assert.rejects(fetchFor(boot, stranger), shownRefused);
      assert.deepEqual(await secretsOf(id), [
        ["jit", false],
        ["reg", false],
      ]);
    });

    it("judges the token that was shown on what is stored now", async () => {
      const { id, uid, boot } = await world.running();
      await world.put(uid, "idle", "running");
      await assert.rejects(fetchFor(boot), shownRefused);
      await world.put(uid, "pending", "running");
      await world.storage.db
        .updateTable("credential")
        .set({ revoked_at: new Date() })
        .where("subject_uid", "=", uid)
        .execute();
      await assert.rejects(fetchFor(boot), shownRefused);
      await assert.rejects(fetchAs(await world.by(boot)), refused);
      const next = await world.boot(id);
      const record = await world.by(next);
      await deleteBot(world.deps, world.snapshot, provisioner, { id, uid });
      await assert.rejects(fetchAs(record), refused);
    });

    if (name === "Postgres") {
      it("is refused in all but 4 of the 90 pairs of states (G24, G28)", async () => {
        let accepted = 0;
        const { uid, boot } = await world.running();
        const itself = await world.by(boot);
        await fetchAs(itself);
        for (const { runner, instance } of statePairs) {
          await world.put(uid, runner as RunnerState, instance as InstanceState);
          const accepts = acceptsBoot(runner, instance);
          await assert.rejects(fetchAs(itself), accepts ? fetched : refused);
          accepted += accepts ? 1 : 0;
        }
        assert.equal(accepted, 4);
      });
    }
  });

  describe("returnFetch", () => {
    it("takes a fetch back once, so that another may be made", async () => {
      const { id, boot } = await world.running();
      const { fetchId } = await fetchFor(boot);
      assert.equal(await giveBack(fetchId), true);
      assert.equal(await giveBack(fetchId), false);
      assert.deepEqual(await secretsOf(id), [
        ["jit", false],
        ["reg", false],
      ]);
      const second = await fetchFor(boot);
      assert.equal(await giveBack(fetchId), false);
      assert.deepEqual(await secretsOf(id), [
        ["jit", false],
        ["reg", true],
      ]);
      assert.equal(await giveBack(second.fetchId), true);
    });

    it("takes none back of an earlier generation, nor of a bot that is gone", async () => {
      const { id, uid, boot } = await world.running();
      const { deps, snapshot } = world;
      const first = await fetchFor(boot);
      await world.put(uid, "failed", "error");
      await requeueBot(deps, snapshot, provisioner, { id, expectedGeneration: 1 });
      assert.equal(await giveBack(first.fetchId), false);
      await world.put(uid, "pending", "running");
      const second = await fetchFor(await world.boot(id, 2));
      assert.equal(await giveBack(first.fetchId), false);
      await deleteBot(deps, snapshot, provisioner, { id, uid });
      assert.equal(await giveBack(second.fetchId), false);
    });

    it("is for who fetched alone", async () => {
      const { id, boot } = await world.running();
      const { fetchId } = await fetchFor(boot);
      assert.equal(await giveBack(fetchId, actor("service:second")), false);
      await assert.rejects(giveBack(fetchId, stranger), denied);
      await assert.rejects(giveBack(fetchId, await world.by(boot)), refused);
      assert.deepEqual(await secretsOf(id), [
        ["jit", false],
        ["reg", true],
      ]);
    });

    it("is one answer for bots of others and for none", async () => {
      const { uid } = await world.running();
      const id = "A".repeat(22);
      const name = "reg";
      const some = formatFetchId({ uid, generation: 1, id, name });
      await assert.rejects(giveBack(some, stranger), denied);
      const none = formatFetchId({
        ...parseFetchId(some),
        uid: "0b0f1a52-7c0e-4a53-9a3f-1f5f3f1c2d4e",
      });
      await assert.rejects(giveBack(none, stranger), denied);
      await assert.rejects(giveBack(none), denied);
    });
  });
});

describe("parseFetchId", () => {
  const fetch = {
    uid: "0b0f1a52-7c0e-4a53-9a3f-1f5f3f1c2d4e",
    generation: 3,
    id: "abcdefghijklmnopqrstuv",
    name: "a.b-c_1",
  };

  it("reads what formatFetchId wrote", () => {
    assert.deepEqual(parseFetchId(formatFetchId(fetch)), fetch);
  });

  it("refuses everything else", () => {
    const good = formatFetchId(fetch);
    const bad = ["", "x", `${good}=`, ` ${good}`, good.slice(1), good.slice(0, -2)];
    bad.push(formatFetchId({ ...fetch, uid: "-".repeat(36) }));
    bad.push(formatFetchId({ ...fetch, generation: 0 }));
    bad.push(formatFetchId({ ...fetch, name: "A" }));
    bad.push(formatFetchId({ ...fetch, id: "x" }), "a".repeat(100_000));
    for (const text of bad) {
      assert.throws(() => parseFetchId(text), hasReason("INVALID_FIELD", { field: "fetch_id" }));
    }
  });
});
