import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { CredentialArea } from "../../../src/credentials/area.ts";
import { openBookkeeping } from "../../../src/credentials/bookkeeping.ts";
import { enrollMachine } from "../../../src/rpc/credential/enroll-machine.ts";
import {
  createRunnerWorld,
  newNonce,
  poolGivenAway,
  type RunnerWorld,
} from "../../commands/runner/world.ts";
import { useDatabase } from "../../support/database.ts";

describe("what is told of enrolments", () => {
  const open = useDatabase();
  let world: RunnerWorld;
  before(async () => {
    world = createRunnerWorld(await open());
  });

  it("counts each by what became of it, and notes why a token was refused (LH2, U71, U72)", async () => {
    const bookkeeping = openBookkeeping(world.storage, { everyMs: 0 });
    const area = { commands: world.deps, bookkeeping } as unknown as CredentialArea;
    const { id } = await world.create({ maxManagers: 2 });
    const { token } = await world.enrollToken(id, { maxUses: 2 });
    const { token: other } = await world.enrollToken(id);
    const enrol = async (
      by: string,
      systemId: string,
      nonce = newNonce(),
      snapshot = world.snapshot,
    ) => {
      const call = { area, snapshot, revisionToken: "", actor: await world.by(by) };
      const input = { systemId, nonce, info: undefined, ttl: undefined, audiences: [] };
      await enrollMachine(call, input).catch(() => undefined);
    };
    const nonce = newNonce();
    await enrol(token, "m1", nonce);
    await enrol(token, "m1", nonce);
    await enrol(token, "m1");
    await enrol(token, "m 1");
    await enrol(token, "m2");
    await enrol(token, "m3");
    await enrol(other, "m3");
    const { token: ofPool } = await world.enrollToken((await world.create({ pool: "linux" })).id);
    await enrol(ofPool, "m1", newNonce(), poolGivenAway);
    assert.deepEqual(bookkeeping.runners.read().enrolments, {
      ...{ new: 2, again: 0, repeated: 1, refused: 2, exists: 1, full: 1, failed: 1 },
    });
    await bookkeeping.close();
    const denied = await world.storage.db
      .selectFrom("credential_audit")
      .select(["credential_id", "reason", "source", "count"])
      .where("event", "=", "denied")
      .orderBy("id")
      .execute();
    const [usedUp, givenAway] = [await world.record(token), await world.record(ofPool)];
    const row = { source: "192.0.2.1", count: 1n };
    assert.deepEqual(denied, [
      { ...row, credential_id: usedUp.id, reason: "used_up" },
      { ...row, credential_id: givenAway.id, reason: "forbidden_realm" },
    ]);
  });
});
