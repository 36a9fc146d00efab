import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { noWayToBoot } from "../../domain/credential/way-to-boot.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { insertCredential } from "../../storage/credential/new-credential.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { requestedAudiences, requestedLifetime, type Lifetimes } from "../credential/fields.ts";
import { mintToken } from "../credential/mint-token.ts";
import { checkBotId, lockManagedBot, refuseBearers, requireManagedBot } from "./bot-access.ts";
import { requirePlace } from "./bot-place.ts";
import { generationMoved, illegalTransition } from "./bot-errors.ts";
import { identityOf, statesOf } from "./bot.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { writerOf } from "../credential/writer-of.ts";

/** How long a bot may take to be set up. */
export const bootLifetimes: Lifetimes = {
  min: 1_000,
  max: 24 * 3_600_000,
  usual: 20 * 60_000,
  words: "1 second to 24 hours",
};

/** How much longer a boot token lives than its bot may take: until somebody notices that it took longer. */
export const noticeMs = 5 * 60_000;

/** A boot token that was just issued. */
export interface IssuedBootToken {
  /** A secret: shown once, kept nowhere. */
  readonly token: string;
  readonly credentialId: string;
  readonly expiresAt: Date;
}

/** For which bot, and how; see IssueBootTokenRequest. */
export interface IssueBootTokenInput {
  readonly id: string;
  readonly generation: number;
  /** Milliseconds; undefined: the usual. */
  readonly ttl: number | undefined;
  readonly audiences: readonly string[];
}

/**
 * Issues a boot token for the current generation of a bot. Fails with INVALID_FIELD, as noSuchSubject, with GENERATION_MOVED,
 * and with ILLEGAL_TRANSITION where no state that accepts the token can follow any more.
 */
export async function issueBootToken(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: IssueBootTokenInput,
): Promise<IssuedBootToken> {
  refuseBearers(actor);
  const { id, generation } = input;
  checkBotId(id);
  const ttl = requestedLifetime("ttl", input.ttl, bootLifetimes);
  const audiences = requestedAudiences(input.audiences);
  await requireManagedBot(deps, snapshot, actor, id);
  const minted = mintToken(deps, "boot");
  const issued = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const { row, now } = await lockManagedBot(tx, snapshot, actor, id);
    // The configuration may have given its id to others since it was created.
    requirePlace(snapshot, actor, { id, realm: row.realm, pool: row.pool ?? undefined });
    if (row.generation !== generation) throw generationMoved(row.generation);
    const { runnerState, instanceState } = statesOf(row);
    const never = noWayToBoot(runnerState, instanceState);
    if (never !== undefined) throw illegalTransition(never.kind, never.from, never.to);
    requireAllowance(deps.storage, actor, row.uid);
    const expiresAt = Math.floor((now + ttl + noticeMs) / 1000) * 1000;
    await insertCredential(tx, {
      ...{ id: minted.id, kind: "boot", subjectUid: row.uid, generation, epoch: row.epoch },
      ...{ secretHash: minted.secretHash, audiences, expiresAt, issuedBy: actor.identity },
    });
    const credential = { credentialId: minted.id, identity: identityOf(row), realm: row.realm };
    await appendAudit(tx, [{ event: "issued", actor, ...credential, reason: "boot" }]);
    return { uid: row.uid, expiresAt: new Date(expiresAt) };
  });
  await deps.makeKnown([issued.uid]);
  return { token: minted.token, credentialId: minted.id, expiresAt: issued.expiresAt };
}
