import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { sql } from "kysely";
import type { CredentialDeps } from "../../../src/credentials/deps.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { onPostgres } from "../../support/database.ts";
import { hasReason } from "../../support/errors.ts";
import { createWorld } from "../bot/world.ts";
import { newNonce, openClaims } from "../claim/support.ts";
import { createRunnerWorld } from "../runner/world.ts";
import { createSessions } from "../session/support.ts";
import { host1 } from "../task/support.ts";

/** A call whose answer is lost, and the same once more. */
interface Lost {
  readonly deps: CredentialDeps;
  readonly call: () => Promise<unknown>;
  /** Which column tells when it was made first. */
  readonly at: readonly [table: string, column: string];
}

onPostgres((_name, openStorage) => {
  let storage: Storage;
  before(async () => {
    storage = await openStorage();
  });

  const flows: readonly [string, () => Promise<Lost>][] = [
    [
      "TakeOverSession",
      async () => {
        const world = createWorld(storage);
        const sessions = createSessions(world);
        const { boot } = await world.running();
        const { resumeToken } = await sessions.open(boot);
        const call = () => sessions.takeOver(resumeToken);
        return { deps: world.deps, call, at: ["credential", "used_at"] };
      },
    ],
    [
      "Enroll",
      async () => {
        const world = createRunnerWorld(storage);
        const { id } = await world.create();
        const { token } = await world.enrollToken(id);
        const nonce = newNonce();
        const call = () => world.enrol(token, "m1", { nonce });
        return { deps: world.deps, call, at: ["manager", "enrolled_at"] };
      },
    ],
    [
      "RotateCredential",
      async () => {
        const world = createRunnerWorld(storage);
        const { token } = await world.working();
        const nonce = newNonce();
        const call = () => world.rotate(token, { nonce });
        return { deps: world.deps, call, at: ["credential", "rotated_at"] };
      },
    ],
    [
      "PresentClaim",
      async () => {
        const claims = openClaims(storage);
        const { claim, token } = await claims.open(host1);
        const nonce = newNonce();
        const call = () => claims.present(token, claim.jobId, nonce);
        return { deps: claims.deps, call, at: ["claim", "ended_at"] };
      },
    ],
  ];

  describe("a call whose answer was lost, made again with its nonce (U48)", () => {
    for (const [name, begin] of flows) {
      it(`${name}: is answered as long as the gate that was closed since makes the minute`, async () => {
        const { deps, call, at } = await begin();
        const age = async (ms: number): Promise<void> => {
          const [table, column] = [sql.table(at[0]), sql.ref(at[1])];
          const before = sql`${column} - ${ms}::float8 * interval '1 millisecond'`;
          await sql`update ${table} set ${column} = ${before}`.execute(storage.db);
        };
        Object.assign(deps, { lostAnswerMs: () => 400_000 });
        await call();
        await age(390_000);
        await call();
        await age(10_000);
        await assert.rejects(call(), (error) =>
          (["CREDENTIAL_REQUIRED", "ILLEGAL_TRANSITION"] as const).some((reason) =>
            hasReason(reason)(error),
          ),
        );
      });
    }
  });
});
