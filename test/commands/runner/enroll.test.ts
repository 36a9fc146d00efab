import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { maxInfo } from "../../../src/domain/credential/manager-info.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { createRunnerWorld, day, fleet, hour, newNonce, type RunnerWorld } from "./world.ts";

const refused = hasReason("CREDENTIAL_REQUIRED");
const invalid = (field: string) => hasReason("INVALID_FIELD", { field });
const saidNothing = {
  ...{ name: "", version: "", revision: "", platform: "", architecture: "", executor: "" },
  labels: [],
};

onPostgres((_name, open) => {
  let world: RunnerWorld;
  before(async () => {
    world = createRunnerWorld(await open());
  });
  const usesOf = async (token: string) => {
    const { id } = await world.record(token);
    const found = world.storage.db.selectFrom("credential").select(["uses", "max_uses", "used_at"]);
    const row = await found.where("id", "=", id).executeTakeFirstOrThrow();
    return [row.uses, row.max_uses, row.used_at !== null];
  };

  describe("an enrolment token", () => {
    it("is for 1 to 10,000 uses and lives for 1 minute to 30 days; one use and an hour unless said (L37)", async () => {
      const { id, uid } = await world.create();
      const usual = await world.enrollToken(id);
      assert.match(usual.token, /^fg1_en_/);
      assert.deepEqual(await usesOf(usual.token), [0, 1, false]);
      const left = usual.expiresAt.getTime() - Date.now();
      assert.ok(Math.abs(left - hour) < 60_000);
      await world.enrollToken(id, { maxUses: 10_000, ttl: 30 * day });
      for (const maxUses of [-1, 10_001]) {
        await assert.rejects(world.enrollToken(id, { maxUses }), invalid("max_uses"));
      }
      for (const ttl of [59_999, 30 * day + 1, Number.NaN]) {
        await assert.rejects(world.enrollToken(id, { ttl }), invalid("ttl"));
      }
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual([events, audit], [[], ["runner_created", "issued", "issued"]]);
    });

    it("makes a machine a manager, with a token of its own (L39, L45); nothing others know becomes untrue", async () => {
      const { id, uid } = await world.create();
      const { token } = await world.enrollToken(id, { maxUses: 2 });
      const info = { ...saidNothing, name: "host one", labels: ["gpu"] };
      const input = { info, audiences: ["cache", "fleetgate"] };
      const { issued, runner, how } = await world.enrol(token, "m1", input);
      assert.match(issued.token, /^fg1_rn_/);
      const record = await world.record(issued.token);
      assert.deepEqual(
        [record.kind, record.systemId, record.audiences, record.subject.uid],
        ["runner", "m1", ["cache", "fleetgate"], uid],
      );
      assert.ok(Math.abs(issued.expiresAt.getTime() - Date.now() - 30 * day) < 60_000);
      assert.deepEqual([runner.id, runner.managers, how], [id, 1, "new"]);
      assert.deepEqual(await usesOf(token), [1, 2, false]);
      const [manager] = await world.managersOf(id);
      assert.equal(manager?.credentialId, issued.credentialId);
      assert.deepEqual(manager.info, { name: "host one", labels: ["gpu"] });
      // Enrolling is no sign of life (L14).
      assert.deepEqual([manager.contactedAt, manager.status], [null, "never_contacted"]);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual([events, audit.slice(-2)], [[], ["issued", "enrolled"]]);
    });

    it("is used up by its last use, and is for nothing then (U41)", async () => {
      const { id } = await world.create();
      const { token } = await world.enrollToken(id);
      await world.enrol(token, "m1");
      assert.deepEqual(await usesOf(token), [1, 1, true]);
      await assert.rejects(world.enrol(token, "m2"), refused);
      assert.deepEqual(await usesOf(token), [1, 1, true]);
    });

    it("is refused when it has expired or was revoked meanwhile, whatever the gate knew", async () => {
      const { id } = await world.create();
      for (const column of ["expires_at", "revoked_at"]) {
        const { token } = await world.enrollToken(id);
        const who = await world.by(token);
        const { id: credentialId } = await world.record(token);
        const set = { [column]: new Date(Date.now() - 1000) };
        const update = world.storage.db.updateTable("credential").set(set);
        await update.where("id", "=", credentialId).execute();
        await assert.rejects(world.enrolBy(who, "m1"), refused);
      }
    });

    it("is not uses of other kinds: nobody enrols by another credential (U40)", async () => {
      const { token } = await world.working();
      await assert.rejects(world.enrol(token, "m2"), refused);
      await assert.rejects(world.enrolBy(fleet, "m2"), refused);
    });
  });

  describe("a machine that enrols", () => {
    it("says who it is within bounds (L14), and lives for 1 hour to 90 days (L44)", async () => {
      const { id } = await world.create();
      const { token } = await world.enrollToken(id);
      for (const systemId of ["", "a b", "ä", "a/b", "<legacy>", "m\n", "m\0", "x".repeat(65)]) {
        await assert.rejects(world.enrol(token, systemId), invalid("system_id"));
      }
      for (const nonce of ["", "x".repeat(15), "x".repeat(65), "!".repeat(16)]) {
        await assert.rejects(world.enrol(token, "m", { nonce }), invalid("nonce"));
      }
      for (const ttl of [hour - 1, 90 * day + 1]) {
        await assert.rejects(world.enrol(token, "m", { ttl }), invalid("ttl"));
      }
      const labels = Array.from({ length: maxInfo.labels + 1 }, () => "x");
      for (const [field, info] of [
        ["info.name", { ...saidNothing, name: "x".repeat(129) }],
        ["info.executor", { ...saidNothing, executor: "a\nb" }],
        ["info.labels", { ...saidNothing, labels }],
        ["info.labels", { ...saidNothing, labels: ["x".repeat(129)] }],
      ] as const) {
        await assert.rejects(world.enrol(token, "m", { info }), invalid(field));
      }
      assert.deepEqual(await usesOf(token), [0, 1, false]);
      await world.enrol(token, "x".repeat(64), { ttl: 90 * day });
      // Upper and lower case are different machines.
      const { token: other } = await world.enrollToken(id, { maxUses: 2 });
      for (const systemId of ["X".repeat(64), "."]) await world.enrol(other, systemId);
      assert.equal((await world.managersOf(id)).length, 3);
    });

    it("is refused while one of its id has a live credential; then it enrols again as the same manager", async () => {
      const { id, enrolToken, token } = await world.working("m1");
      const exists = hasReason("ALREADY_EXISTS", { kind: "manager", name: "m1" });
      await assert.rejects(world.enrol(enrolToken, "m1"), exists);
      assert.deepEqual((await usesOf(enrolToken))[0], 1);
      await world.age(token, 31 * day, "expires_at");
      const again = await world.enrol(enrolToken, "m1");
      assert.deepEqual([again.how, again.runner.managers], ["again", 1]);
      assert.deepEqual((await usesOf(enrolToken))[0], 2);
      assert.equal((await world.managersOf(id))[0]?.credentialId, again.issued.credentialId);
    });

    it("is refused when the runner has as many as it may; that uses nothing (U74, LH5)", async () => {
      const { id } = await world.create({ maxManagers: 1 });
      const { token } = await world.enrollToken(id, { maxUses: 3 });
      const first = await world.enrol(token, "m1");
      const full = hasReason("LIMIT_EXCEEDED", { limit: "managers" });
      await assert.rejects(world.enrol(token, "m2"), full);
      assert.deepEqual((await usesOf(token))[0], 1);
      // One that is there already takes no place.
      await world.age(first.issued.token, 31 * day, "expires_at");
      assert.equal((await world.enrol(token, "m1")).how, "again");
    });
  });

  describe("a lost answer (U48)", () => {
    it("is given again by its nonce, with another token and no use more, also after the last use", async () => {
      const { id, uid } = await world.create();
      const { token } = await world.enrollToken(id);
      const nonce = newNonce();
      const lost = await world.enrol(token, "m1", { nonce });
      const second = await world.enrol(token, "m1", { nonce });
      assert.equal(second.how, "repeated");
      assert.deepEqual(await usesOf(token), [1, 1, true]);
      assert.deepEqual(
        [await world.endOf(lost.issued.token), await world.endOf(second.issued.token)],
        ["revoked", undefined],
      );
      assert.equal((await world.managersOf(id))[0]?.credentialId, second.issued.credentialId);
      assert.deepEqual((await world.history(uid, id)).events, [{ version: 2n, shrinks: true }]);
      assert.ok(world.known.includes(uid));
    });

    it("is given neither by another nonce, nor to another machine, nor by another token, nor after 60 seconds", async () => {
      const { id } = await world.create();
      const nonce = newNonce();
      const { token } = await world.enrollToken(id);
      const { issued } = await world.enrol(token, "m1", { nonce });
      await assert.rejects(world.enrol(token, "m1"), refused);
      await assert.rejects(world.enrol(token, "m2", { nonce }), refused);
      const { token: other } = await world.enrollToken(id);
      await assert.rejects(world.enrol(other, "m1", { nonce }), hasReason("ALREADY_EXISTS"));
      await world.storage.exec(
        `update manager set enrolled_at = enrolled_at - interval '60 seconds'`,
      );
      await assert.rejects(world.enrol(token, "m1", { nonce }), refused);
      assert.equal(await world.endOf(issued.token), undefined);
    });

    it("is no longer lost once its token was rotated or revoked: who repeats it then gets none", async () => {
      const { id } = await world.create();
      const nonce = newNonce();
      const { token } = await world.enrollToken(id);
      const { issued } = await world.enrol(token, "m1", { nonce });
      const newer = await world.rotate(issued.token);
      await assert.rejects(world.enrol(token, "m1", { nonce }), refused);
      assert.equal(await world.endOf(newer.issued.token), undefined);
    });
  });
});
