import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { botPermits } from "../../domain/credential/gates.ts";
import { parseIdentity } from "../../domain/identity.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { illegalTransition } from "../bot/bot-errors.ts";
import { identityOf, statesOf } from "../bot/bot.ts";
import { mayPlace } from "../bot/bot-place.ts";
import { lockBearer, requireUse, type LockedBearer } from "../bot/lock-bearer.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { requestedAudiences, requestedLifetime } from "../credential/fields.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { writerOf } from "../credential/writer-of.ts";
import { issueSession, maxSessionsMs, sessionLifetimes, type NewSession } from "./new-session.ts";
import { revokeSessionTokens } from "./revoke-tokens.ts";

/** See OpenSessionRequest. */
export interface OpenSessionInput {
  /** Milliseconds; undefined: the usual. */
  readonly ttl: number | undefined;
  readonly audiences: readonly string[];
}

/**
 * Opens a session for a bot by its boot token. It ends the one before: its tokens, used-up ones too, are revoked.
 * Fails with CREDENTIAL_REQUIRED, INVALID_FIELD, and ILLEGAL_TRANSITION as long as the machine does not run, and LIMIT_EXCEEDED (`subject_writes`).
 */
export async function openSession(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: OpenSessionInput,
): Promise<NewSession> {
  const { record } = actor;
  if (record?.kind !== "boot") throw credentialRefused("only a boot token opens a session");
  const ttl = requestedLifetime("ttl", input.ttl, sessionLifetimes);
  const audiences = requestedAudiences(input.audiences);
  const session = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const bearer = await lockBearer(tx, snapshot, record);
    requireUse("boot", bearer);
    requireItsPlace(snapshot, bearer);
    const { row } = bearer;
    const { runnerState, instanceState } = statesOf(row);
    if (!botPermits("open", runnerState, instanceState)) {
      throw illegalTransition("session", `${runnerState}, ${instanceState}`, "open");
    }
    requireAllowance(deps.storage, actor, row.uid);
    await revokeSessionTokens(tx, actor, row, "replaced", { kind: "all" });
    const until = bearer.now + maxSessionsMs;
    const opened = await issueSession(tx, deps, actor, bearer, { ttl, audiences, until });
    const credential = { credentialId: opened.credentialId, identity: identityOf(row) };
    const detail = { epoch: String(opened.epoch) };
    const event = { event: "session_opened", actor, realm: row.realm } as const;
    await appendAudit(tx, [{ ...event, ...credential, detail }]);
    return opened;
  });
  await deps.makeKnown([record.subject.uid]);
  return session;
}

// The configuration may have given the bot's id to others since its boot token was issued: who issued it must be able to still.
function requireItsPlace(snapshot: Snapshot, { row, credential }: LockedBearer): void {
  const issuer = parseIdentity(credential.issued_by);
  const bot = { id: row.subject_id, realm: row.realm, pool: row.pool ?? undefined };
  if (issuer !== undefined && mayPlace(snapshot, { identity: issuer, record: undefined }, bot)) {
    return;
  }
  throw credentialRefused("its bot is in a pool of a realm where its issuer manages no bots");
}
