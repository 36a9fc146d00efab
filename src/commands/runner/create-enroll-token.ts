import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { insertCredential } from "../../storage/credential/new-credential.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { refuseBearers } from "../bot/bot-access.ts";
import { requestedLifetime, type Lifetimes } from "../credential/fields.ts";
import { mintToken } from "../credential/mint-token.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { permissionRequired } from "../credential/require-permission.ts";
import { writerOf } from "../credential/writer-of.ts";
import {
  lockManagedRunner,
  mayFillPool,
  requireManagedRunner,
  runnerPermission,
} from "./runner-access.ts";
import { runnerIdentity } from "./runner.ts";

/** How long an enrolment token may live. */
export const enrollLifetimes: Lifetimes = {
  min: 60_000,
  max: 30 * 86_400_000,
  usual: 3_600_000,
  words: "1 minute to 30 days",
};

/** How often an enrolment token may be used at most. */
export const maxEnrollUses = 10_000;

/** A token that was just issued. */
export interface IssuedToken {
  /** A secret: shown once, kept nowhere. */
  readonly token: string;
  readonly credentialId: string;
  readonly expiresAt: Date;
}

/** For which runner, and how; see CreateEnrollTokenRequest. */
export interface CreateEnrollTokenInput {
  readonly id: string;
  /** 0: once. */
  readonly maxUses: number;
  /** Milliseconds; undefined: the usual. */
  readonly ttl: number | undefined;
}

/** Issues a token by which machines enrol as managers of a runner. Fails with INVALID_FIELD, LIMIT_EXCEEDED and as noSuchSubject. */
export async function createEnrollToken(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  { id, maxUses, ttl: wanted }: CreateEnrollTokenInput,
): Promise<IssuedToken> {
  refuseBearers(actor);
  if (maxUses < 0 || maxUses > maxEnrollUses) {
    throw invalidField("max_uses", `must be 1 to ${maxEnrollUses}, or 0 for 1`);
  }
  const ttl = requestedLifetime("ttl", wanted, enrollLifetimes);
  await requireManagedRunner(deps, snapshot, actor, id);
  const minted = mintToken(deps, "enroll");
  const expiresAt = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const { row, now } = await lockManagedRunner(tx, snapshot, actor, id);
    if (!mayFillPool(snapshot, actor, row)) throw permissionRequired(runnerPermission);
    requireAllowance(deps.storage, actor, row.uid);
    const expiresAt = now + ttl;
    await insertCredential(tx, {
      ...{ id: minted.id, kind: "enroll", subjectUid: row.uid, secretHash: minted.secretHash },
      ...{ generation: row.generation, epoch: row.epoch, expiresAt, issuedBy: actor.identity },
      // It is of use at Enroll alone, which is here.
      ...{ audiences: ["fleetgate"], maxUses: maxUses === 0 ? 1 : maxUses },
    });
    const of = { credentialId: minted.id, identity: runnerIdentity(row), realm: row.realm };
    await appendAudit(tx, [{ event: "issued", actor, ...of, reason: "enroll" }]);
    return expiresAt;
  });
  return { token: minted.token, credentialId: minted.id, expiresAt: new Date(expiresAt) };
}
