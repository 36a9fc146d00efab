import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openStorage, type Storage } from "../../../src/storage/database.ts";
import { createPostgresDatabase } from "../../support/database.ts";
import { allAre, outcomesOf } from "../session/replicas.ts";
import { createRunnerWorld, newNonce, type RunnerWorld } from "./world.ts";

const many = 32;

describe("runners on two replicas of one database", () => {
  const worlds: RunnerWorld[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  before(async () => {
    const database = await createPostgresDatabase();
    closers.push(database.remove);
    for (let opened = 0; opened < 2; opened += 1) {
      const storage: Storage = await openStorage(database.choice);
      closers.push(storage.close);
      worlds.push(createRunnerWorld(storage));
    }
  });
  after(async () => {
    for (const close of closers.toReversed()) await close();
  });

  const replica = (index: number): RunnerWorld => worlds[index % 2] ?? assert.fail();
  /** Runs something so many times at once, by turns on both. */
  const atOnce = <T>(run: (world: RunnerWorld, index: number) => Promise<T>) =>
    outcomesOf(Promise.allSettled(Array.from({ length: many }, (_, at) => run(replica(at), at))));

  it("32 machines enrol with 5 uses: exactly 5 do, and nothing else is counted (U41)", async () => {
    const world = replica(0);
    const { id } = await world.create();
    const { token } = await world.enrollToken(id, { maxUses: 5 });
    const who = await world.by(token);
    const { won, lost } = await atOnce((on, at) => on.enrolBy(who, `m${at}`));
    assert.equal(won.length, 5);
    allAre(lost, many - 5, "CREDENTIAL_REQUIRED");
    assert.equal((await world.managersOf(id)).length, 5);
    const { id: enrolId } = await world.record(token);
    const rows = world.storage.db.selectFrom("credential").select("uses");
    assert.equal((await rows.where("id", "=", enrolId).executeTakeFirst())?.uses, 5);
    for (const { issued } of won) assert.equal(await world.endOf(issued.token), undefined);
  });

  it("32 machines enrol where 3 places are left: exactly 3 do (U74)", async () => {
    const world = replica(0);
    const { id } = await world.create({ maxManagers: 3 });
    const { token } = await world.enrollToken(id, { maxUses: 100 });
    const who = await world.by(token);
    const { won, lost } = await atOnce((on, at) => on.enrolBy(who, `m${at}`));
    assert.equal(won.length, 3);
    allAre(lost, many - 3, "LIMIT_EXCEEDED");
    assert.equal((await world.managersOf(id)).length, 3);
    const { id: enrolId } = await world.record(token);
    const rows = world.storage.db.selectFrom("credential").select("uses");
    assert.equal((await rows.where("id", "=", enrolId).executeTakeFirst())?.uses, 3);
  });

  it("one machine enrols 32 times at once: one manager and one live token, by whichever nonce", async () => {
    const world = replica(0);
    const { id } = await world.create();
    const { token } = await world.enrollToken(id, { maxUses: 100 });
    const who = await world.by(token);
    const { won, lost } = await atOnce((on) => on.enrolBy(who, "m"));
    assert.equal(won.length, 1);
    allAre(lost, many - 1, "ALREADY_EXISTS");
    const nonce = newNonce();
    const repeats = await atOnce((on) => on.enrolBy(who, "n", { nonce }));
    assert.equal(repeats.won.length, many);
    const ends = await Promise.all(repeats.won.map(({ issued }) => world.endOf(issued.token)));
    assert.equal(ends.filter((end) => end === undefined).length, 1);
  });

  it("32 rotations of one token: one wins, and the machine has one token more (U75)", async () => {
    const world = replica(0);
    const { id, uid, token } = await world.working();
    const who = await world.by(token);
    const { won, lost } = await atOnce((on) => on.rotateBy(who));
    assert.equal(won.length, 1);
    allAre(lost, many - 1, "ILLEGAL_TRANSITION");
    assert.equal((await world.managersOf(id))[0]?.credentialId, won[0]?.issued.credentialId);
    const all = world.storage.db.selectFrom("credential").select("id");
    const tokens = await all.where("subject_uid", "=", uid).where("kind", "=", "runner").execute();
    assert.equal(tokens.length, 2);
  });
});
