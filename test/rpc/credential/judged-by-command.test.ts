import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { CredentialArea } from "../../../src/credentials/area.ts";
import { openBookkeeping } from "../../../src/credentials/open-bookkeeping.ts";
import { enrollMachine } from "../../../src/rpc/credential/enroll-machine.ts";
import { rotateToken } from "../../../src/rpc/credential/rotate-token.ts";
import {
  createRunnerWorld,
  newNonce,
  poolGivenAway,
  type RunnerWorld,
} from "../../commands/runner/world.ts";
import { useDatabase } from "../../support/database.ts";

describe("what is told of a credential that its command judges", () => {
  const open = useDatabase();
  let world: RunnerWorld;
  before(async () => {
    world = createRunnerWorld(await open());
  });

  /** Calls at one replica, and what it tells of them in the end. */
  function openCalls() {
    const bookkeeping = openBookkeeping(world.storage, { everyMs: 0 });
    const identifier = { databaseNow: () => Date.now() };
    const area = { commands: world.deps, bookkeeping, identifier } as unknown as CredentialArea;
    const input = { info: undefined, ttl: undefined, audiences: [] };
    return {
      by: async (token: string, snapshot = world.snapshot) => {
        const call = { area, snapshot, revisionToken: "", actor: await world.by(token) };
        return {
          enrol: (systemId: string, nonce = newNonce()) =>
            enrollMachine(call, { ...input, systemId, nonce }).catch(() => undefined),
          rotate: (nonce = newNonce()) =>
            rotateToken(call, { ...{ credentialId: "", grace: 0, ttl: undefined }, nonce }).catch(
              () => undefined,
            ),
        };
      },
      counts: bookkeeping.runners.read,
      decisions: () =>
        bookkeeping
          .decisions()
          .filter(({ count }) => count > 0)
          .map(({ kind, reason, count }) => `${kind} ${reason} ${count}`),
      refusals: async (...tokens: readonly string[]) => {
        await bookkeeping.flush();
        const ids = (await Promise.all(tokens.map(world.record))).map(({ id }) => id);
        const rows = await world.storage.db
          .selectFrom("credential_audit")
          .select(["event", "reason", "source", "count"])
          .where("event", "in", ["denied", "stale_token_reuse"])
          .where("credential_id", "in", ids)
          .orderBy("reason")
          .execute();
        return rows.map((row) => Object.values(row).join(" "));
      },
    };
  }

  it("counts each enrolment by what became of it, and each verdict once, when it is final (L16, LH2, U71, U72)", async () => {
    const calls = openCalls();
    const { id } = await world.create({ maxManagers: 2 });
    const { token } = await world.enrollToken(id, { maxUses: 2 });
    const { token: other } = await world.enrollToken(id);
    const enrol = async (by: string, systemId: string, nonce?: string) =>
      (await calls.by(by)).enrol(systemId, nonce);
    const nonce = newNonce();
    await enrol(token, "m1", nonce);
    await enrol(token, "m1", nonce);
    await enrol(token, "m1");
    await enrol(token, "m 1");
    await enrol(token, "m2");
    await enrol(token, "m3");
    // It is used up, and was not judged.
    await enrol(token, "m 3");
    await enrol(other, "m3");
    assert.deepEqual(calls.counts().enrolments, {
      ...{ new: 2, again: 0, repeated: 1, refused: 1, exists: 1, full: 1, failed: 2 },
    });
    assert.deepEqual(calls.decisions(), ["enroll  6", "enroll used_up 1"]);
    assert.deepEqual(await calls.refusals(token, other), ["denied used_up 192.0.2.1 1"]);
  });

  it("tells why an enrolment was refused, be it what came about since the gate let it in (U71)", async () => {
    const calls = openCalls();
    const { id } = await world.create({ pool: "linux" });
    const { token } = await world.enrollToken(id);
    await (await calls.by(token, poolGivenAway)).enrol("m1");
    const { token: revoked } = await world.enrollToken(id);
    const late = await calls.by(revoked);
    const { id: credentialId } = await world.record(revoked);
    await world.storage.exec(
      `update credential set revoked_at = now() where id = '${credentialId}'`,
    );
    await late.enrol("m1");
    assert.deepEqual(await calls.refusals(token, revoked), [
      "denied forbidden_realm 192.0.2.1 1",
      "denied revoked 192.0.2.1 1",
    ]);
  });

  it("raises the alarm when two rotate one token at once, at a replica that has not heard of the first (U75)", async () => {
    const calls = openCalls();
    const { token } = await world.working();
    const thief = await calls.by(token);
    assert.ok((await (await calls.by(token)).rotate()) !== undefined);
    assert.equal(await thief.rotate(), undefined);
    assert.deepEqual(calls.decisions(), ["runner  1", "runner rotated 1"]);
    assert.deepEqual(await calls.refusals(token), ["stale_token_reuse rotated 192.0.2.1 1"]);
    assert.equal(calls.counts().rotations, 1);
  });
});
