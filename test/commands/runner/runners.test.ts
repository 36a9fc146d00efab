import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Actor } from "../../../src/credentials/deps.ts";
import { createEnrollToken } from "../../../src/commands/runner/create-enroll-token.ts";
import { deleteManager } from "../../../src/commands/runner/delete-manager.ts";
import { deleteRunner } from "../../../src/commands/runner/delete-runner.ts";
import { enroll } from "../../../src/commands/runner/enroll.ts";
import { getRunner } from "../../../src/commands/runner/get-runner.ts";
import { listManagers } from "../../../src/commands/runner/list-managers.ts";
import { rotateCredential } from "../../../src/commands/runner/rotate-credential.ts";
import { listRunners } from "../../../src/commands/runner/list-runners.ts";
import { setRunnerPaused } from "../../../src/commands/runner/set-runner-paused.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import {
  admin,
  createRunnerWorld,
  fleet,
  newNonce,
  poolGivenAway,
  realmGone,
  realm,
  stranger,
  type RunnerWorld,
} from "./world.ts";

const denied = hasReason("PERMISSION_REQUIRED", { permission: "fleetgate.runners.manage" });
const notFound = hasReason("NOT_FOUND");
const refused = hasReason("CREDENTIAL_REQUIRED");
const invalid = (field: string) => hasReason("INVALID_FIELD", { field });

onPostgres((_name, open) => {
  let world: RunnerWorld;
  before(async () => {
    world = createRunnerWorld(await open());
  });
  const get = (id: string, who: Actor = fleet) =>
    getRunner(world.deps, world.snapshot, who, { id });
  const pause = (id: string, paused: boolean, who: Actor = fleet) =>
    setRunnerPaused(world.deps, world.snapshot, who, { id, paused });
  const remove = (id: string, who: Actor = fleet) =>
    deleteRunner(world.deps, world.snapshot, who, { id });
  const removeManager = (id: string, systemId: string, who: Actor = fleet) =>
    deleteManager(world.deps, world.snapshot, who, { id, systemId });
  const list = (input: { readonly pageSize?: number; readonly pageToken?: string } = {}) =>
    listRunners(world.deps, world.snapshot, fleet, { realm, pageSize: 0, pageToken: "", ...input });

  describe("a runner", () => {
    it("is created once, active, with places for 100 managers unless said, and is read", async () => {
      const made = await world.create({ id: "one", pool: "linux" });
      assert.deepEqual(
        [made.id, made.realm, made.pool, made.paused, made.maxManagers, made.managers],
        ["one", realm, "linux", false, 100, 0],
      );
      assert.deepEqual(await get("one"), made);
      const again = { kind: "runner", name: "one" };
      await assert.rejects(world.create({ id: "one" }), hasReason("ALREADY_EXISTS", again));
      // Who has the id elsewhere, a stranger does not hear.
      await assert.rejects(world.create({ id: "one", realm: "proj:other" }, stranger), denied);
      assert.deepEqual((await world.history(made.uid, "one")).audit, ["runner_created"]);
    });

    it("is refused with what is out of bounds, and in a pool or realm that is not the peer's", async () => {
      for (const id of ["", "a/b", "x".repeat(257)]) {
        await assert.rejects(world.create({ id }), invalid("runner_id"));
      }
      for (const maxManagers of [-1, 10_001]) {
        await assert.rejects(world.create({ maxManagers }), invalid("max_managers"));
      }
      assert.equal((await world.create({ maxManagers: 10_000 })).maxManagers, 10_000);
      await assert.rejects(world.create({ realm: "proj" }), invalid("realm"));
      await assert.rejects(world.create({ realm: "proj:other" }), denied);
      for (const pool of ["mac", "nowhere"]) await assert.rejects(world.create({ pool }), denied);
      await assert.rejects(world.create({ pool: "nowhere" }, admin), invalid("pool"));
      await assert.rejects(world.create({ realm: "proj:undefined" }, admin), invalid("realm"));
    });

    it("gets no more machines once the configuration gives its pool to others, but by who manages those", async () => {
      const { id } = await world.create({ pool: "linux" });
      const { token } = await world.enrollToken(id, { maxUses: 2 });
      const issue = (who: Actor) =>
        createEnrollToken(world.deps, poolGivenAway, who, { id, maxUses: 2, ttl: undefined });
      const enrol = async (by: string, systemId: string) =>
        enroll(world.deps, poolGivenAway, await world.by(by), {
          ...{ systemId, info: undefined, nonce: newNonce(), ttl: undefined, audiences: [] },
        });
      await assert.rejects(issue(fleet), denied);
      await assert.rejects(enrol(token, "m1"), refused);
      assert.deepEqual(await world.managersOf(id), []);
      await enrol((await issue(admin)).token, "m1");
      await world.enrol(token, "m2");
    });

    it("gets and keeps no machines while its realm is not defined (L41)", async () => {
      const { id, token, enrolToken } = await world.working();
      const input = { nonce: newNonce(), ttl: undefined };
      const machine = { ...input, systemId: "m2", info: undefined, audiences: [] };
      const own = { ...input, credentialId: "", grace: undefined };
      const enrolling = enroll(world.deps, realmGone, await world.by(enrolToken), machine);
      await assert.rejects(enrolling, refused);
      const rotating = rotateCredential(world.deps, realmGone, await world.by(token), own);
      await assert.rejects(rotating, refused);
      assert.deepEqual(
        (await world.managersOf(id)).map(({ systemId }) => systemId),
        ["m1"],
      );
    });

    it("is the same for a stranger as none (LH9): one answer for what is not there and not theirs", async () => {
      const { id } = await world.create();
      for (const name of [id, "nowhere"]) {
        await assert.rejects(get(name, stranger), denied);
        await assert.rejects(pause(name, true, stranger), denied);
        await assert.rejects(remove(name, stranger), denied);
        await assert.rejects(removeManager(name, "m", stranger), denied);
        await assert.rejects(world.enrollToken(name, {}, stranger), denied);
        const page = { id: name, pageSize: 0, pageToken: "" };
        await assert.rejects(listManagers(world.deps, world.snapshot, stranger, page), denied);
      }
      await assert.rejects(get("nowhere", admin), notFound);
    });

    it("is listed by its id, page by page", async () => {
      for (const id of ["p3", "p1", "p2"]) await world.create({ id });
      const all = (await list()).runners.map(({ id }) => id);
      assert.deepEqual(all, [...all].sort());
      const paged: string[] = [];
      let pageToken = "";
      do {
        const page = await list({ pageSize: 2, pageToken });
        paged.push(...page.runners.map(({ id }) => id));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      assert.deepEqual(paged, all);
    });

    it("is paused and goes on, with a version each and none for what is so already (L18)", async () => {
      const { id, uid, token } = await world.working();
      assert.equal((await pause(id, true)).paused, true);
      assert.equal((await pause(id, true)).version, 2n);
      const { subject } = await world.record(token);
      assert.equal(subject.kind === "runner" && subject.paused, true);
      assert.equal(await world.endOf(token), undefined);
      assert.equal((await pause(id, false)).paused, false);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events, [
        { version: 2n, shrinks: true },
        { version: 3n, shrinks: false },
      ]);
      assert.deepEqual(audit.slice(-2), ["runner_paused", "runner_resumed"]);
      assert.ok(world.known.includes(uid));
    });

    it("ends all its tokens when it is deleted; another one of its id has another uid (U49)", async () => {
      const { id, uid, token, enrolToken } = await world.working();
      await remove(id);
      await remove(id);
      assert.deepEqual(
        [await world.endOf(token), await world.endOf(enrolToken)],
        ["subject_gone", "subject_gone"],
      );
      await assert.rejects(world.enrol(enrolToken, "m2"), refused);
      await assert.rejects(world.rotate(token), refused);
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events, [{ version: 2n, shrinks: true }]);
      assert.equal(audit.at(-1), "runner_deleted");
      const anew = await world.create({ id });
      assert.notEqual(anew.uid, uid);
      assert.equal(anew.managers, 0);
      assert.equal(await world.endOf(token), "subject_gone");
      // The tokens of the first one are no way to the second.
      await assert.rejects(world.enrol(enrolToken, "m2"), refused);
    });

    it("is its managers' own to read, and no other (U40)", async () => {
      const { id, token } = await world.working();
      const other = await world.create();
      const itself = await world.by(token);
      assert.equal((await get("", itself)).id, id);
      assert.equal((await get(id, itself)).managers, 1);
      await assert.rejects(get(other.id, itself), denied);
      await assert.rejects(get(""), invalid("runner_id"));
    });
  });

  describe("a runner token is for nothing that makes more of its kind, whatever its realm gives it (U40)", () => {
    it("neither runners, nor enrolment tokens, nor deletions", async () => {
      const { id } = await world.create({ id: "mighty" });
      const { token } = await world.enrollToken(id, { maxUses: 2 });
      const { issued } = await world.enrol(token, "m");
      const bearers = [await world.by(token), await world.by(issued.token)];
      for (const who of bearers) {
        await assert.rejects(world.create({}, who), refused);
        await assert.rejects(world.enrollToken(id, {}, who), refused);
        await assert.rejects(pause(id, true, who), refused);
        await assert.rejects(remove(id, who), refused);
        await assert.rejects(removeManager(id, "m", who), refused);
      }
    });
  });

  describe("the managers of a runner", () => {
    it("are listed by their system ids, page by page; a page token is of one runner, peer and list", async () => {
      const { id, enrolToken } = await world.working("m3");
      for (const systemId of ["m2", "M2", "m1"]) await world.enrol(enrolToken, systemId);
      const page = (of: string, pageToken: string, who = fleet) =>
        listManagers(world.deps, world.snapshot, who, { id: of, pageSize: 2, pageToken });
      const first = await page(id, "");
      // One that goes meanwhile, or comes before, changes nothing of the rest.
      await removeManager(id, "m1");
      const second = await page(id, first.nextPageToken);
      const names = [first, second].map(({ managers }) => managers.map((one) => one.systemId));
      assert.deepEqual(names, [
        ["M2", "m1"],
        ["m2", "m3"],
      ]);
      assert.equal(second.nextPageToken, "");
      const { id: other } = await world.working();
      const foreign = hasReason("PAGE_TOKEN_INVALID");
      await assert.rejects(page(other, first.nextPageToken), foreign);
      await assert.rejects(page(id, first.nextPageToken, admin), foreign);
      await assert.rejects(list({ pageToken: first.nextPageToken }), foreign);
      await remove(id);
      await world.create({ id });
      await assert.rejects(page(id, first.nextPageToken), foreign);
    });

    it("are shown to have ended when their newest token was revoked", async () => {
      const { id, credentialId } = await world.working();
      await world.storage.exec(
        `update credential set revoked_at = now() where id = '${credentialId}'`,
      );
      const [{ expiresAt } = {}] = await world.managersOf(id);
      assert.ok(expiresAt instanceof Date && expiresAt.getTime() <= Date.now() + 1_000);
    });
  });

  describe("a manager that is deleted (L40)", () => {
    it("loses its tokens, rotated ones too, and its row; the others go on", async () => {
      const { id, uid, enrolToken, token } = await world.working("m1");
      const other = (await world.enrol(enrolToken, "m2")).issued.token;
      const newer = (await world.rotate(token)).issued.token;
      await removeManager(id, "m1");
      const ends = [token, newer, other].map((one) => world.endOf(one));
      assert.deepEqual(await Promise.all(ends), ["revoked", "revoked", undefined]);
      assert.deepEqual(
        (await world.managersOf(id)).map(({ systemId }) => systemId),
        ["m2"],
      );
      const { events, audit } = await world.history(uid, id);
      assert.deepEqual(events.at(-1), { version: 3n, shrinks: true });
      assert.equal(audit.at(-1), "manager_deleted");
      await assert.rejects(world.rotate(newer), refused);
      // It is no error a second time, and no change.
      await removeManager(id, "m1");
      assert.deepEqual(await world.history(uid, id), { events, audit });
    });
  });
});
