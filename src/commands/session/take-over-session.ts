import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import {
  readCredentialOf,
  useUpResume,
  type CredentialRow,
} from "../../storage/credential/sessions.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { identityOf } from "../bot/bot.ts";
import { lockBearer, requireUse, type LockedBearer } from "../bot/lock-bearer.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { requestedLifetime } from "../credential/fields.ts";
import { isRepeat, requestedNonce } from "../credential/nonce.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { writerOf } from "../credential/writer-of.ts";
import { endSession } from "./end-session.ts";
import { issueSession, sessionLifetimes, type NewSession } from "./new-session.ts";
import { revokeSessionTokens } from "./revoke-tokens.ts";

/** See TakeOverSessionRequest. */
export interface TakeOverInput {
  /** Who knows it may repeat the call. */
  readonly nonce: string;
  /** Milliseconds; undefined: the usual. */
  readonly ttl: number | undefined;
}

/**
 * Takes a session over, for who shows its resume token, which is used up by that. A used one ends the session, except with
 * the nonce of its use within a minute, as long as nothing came of the answer: then it is answered anew, and the tokens of the
 * answer before die. Fails with CREDENTIAL_REQUIRED, INVALID_FIELD and LIMIT_EXCEEDED (`subject_writes`).
 */
export async function takeOverSession(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: TakeOverInput,
): Promise<NewSession> {
  const { record } = actor;
  if (record?.kind !== "resume") throw credentialRefused("only a resume token takes over");
  const nonceHash = requestedNonce(input.nonce);
  const ttl = requestedLifetime("ttl", input.ttl, sessionLifetimes);
  const taken = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const bearer = await lockBearer(tx, snapshot, record);
    const parent = await judge(tx, deps, bearer, nonceHash);
    if (parent === "replayed") {
      // The end of the session must be committed, so the refusal waits.
      await endSession(tx, actor, bearer.row, "resume_replayed");
      return undefined;
    }
    requireUse("resume", bearer);
    requireAllowance(deps.storage, actor, bearer.row.uid);
    return takeOver(tx, deps, actor, bearer, { parent, nonceHash, ttl });
  });
  await deps.makeKnown([record.subject.uid]);
  if (taken === undefined) {
    throw credentialRefused("it was used before, so its session has ended", "used_up");
  }
  return taken;
}

/** The session that goes on, or `replayed`: one of the two who have the token is a thief. */
async function judge(
  tx: Tx,
  deps: CredentialDeps,
  { row, now, credential }: LockedBearer,
  nonceHash: Uint8Array,
): Promise<CredentialRow | "replayed"> {
  const { used_at: usedAt, nonce_hash: firstNonce, replaced_by: replacedBy, parent } = credential;
  const first = usedAt === null ? undefined : { at: usedAt, nonceHash: firstNonce };
  if (first !== undefined && !isRepeat(deps, first, nonceHash, now)) return "replayed";
  const sessionId = usedAt === null ? parent : replacedBy;
  const session = sessionId === null ? undefined : await readCredentialOf(tx, row.uid, sessionId);
  if (session === undefined || session.revoked_at !== null) {
    throw credentialRefused("its session was revoked", "revoked");
  }
  // What came late must not end what was taken over since: its answer did arrive, or the bot began anew.
  if (session.epoch !== row.epoch) throw credentialRefused("its session went on since", "epoch");
  return session;
}

async function takeOver(
  tx: Tx,
  deps: CredentialDeps,
  actor: Actor,
  bearer: LockedBearer,
  how: {
    readonly parent: CredentialRow;
    readonly nonceHash: Uint8Array;
    readonly ttl: number;
  },
): Promise<NewSession> {
  const { row, credential } = bearer;
  const { audiences } = how.parent;
  await revokeSessionTokens(tx, actor, row, "replaced", { kind: "unused", but: credential.id });
  // A takeover begins no new life: one that was opened long ago ends when it would have.
  const until = (credential.sessions_until ?? credential.expires_at).getTime();
  const session = await issueSession(tx, deps, actor, bearer, { ttl: how.ttl, audiences, until });
  await useUpResume(tx, credential.id, how.nonceHash, session.credentialId);
  const detail = {
    epoch: String(session.epoch),
    by: credential.id,
    repeated: credential.used_at !== null,
  };
  const event = { event: "session_taken_over", actor, realm: row.realm } as const;
  const identity = identityOf(row);
  await appendAudit(tx, [{ ...event, credentialId: session.credentialId, identity, detail }]);
  return session;
}
