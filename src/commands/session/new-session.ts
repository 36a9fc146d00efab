import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { insertCredential } from "../../storage/credential/new-credential.ts";
import { bumpSubject } from "../../storage/credential/subjects.ts";
import type { Tx } from "../../storage/storage.ts";
import { identityOf } from "../bot/bot.ts";
import type { LockedBearer } from "../bot/lock-bearer.ts";
import type { Lifetimes } from "../credential/fields.ts";
import { mintToken } from "../credential/mint-token.ts";

/** How long a session may live. */
export const sessionLifetimes: Lifetimes = {
  min: 60_000,
  max: 30 * 86_400_000,
  usual: 7 * 86_400_000,
  words: "1 minute to 30 days",
};

/**
 * For how many milliseconds from its opening on a session may be taken over again and again. Then its bot is set up anew: no
 * token of a machine is worth something for ever.
 */
export const maxSessionsMs = 90 * 86_400_000;

/** A session that was just opened or taken over. */
export interface NewSession {
  /** A secret, as the resume token: shown once, kept nowhere. */
  readonly token: string;
  readonly credentialId: string;
  readonly resumeToken: string;
  readonly epoch: bigint;
  readonly expiresAt: Date;
}

/** What a new session is to be. Times are milliseconds. */
export interface WantedSession {
  readonly ttl: number;
  readonly audiences: readonly string[];
  /** When it dies at the latest, and whatever is taken over from it. */
  readonly until: number;
}

/**
 * Gives a bot a session: its epoch rises, so that the session before is dead, and two tokens are issued that die together. The
 * caller has revoked those before.
 */
export async function issueSession(
  tx: Tx,
  deps: CredentialDeps,
  actor: Actor,
  { row, now, credential }: LockedBearer,
  { ttl, audiences, until }: WantedSession,
): Promise<NewSession> {
  const epoch = row.epoch + 1n;
  const expiresAt = Math.min(now + ttl, until);
  const [session, resume] = [mintToken(deps, "session"), mintToken(deps, "resume")];
  const common = {
    ...{ subjectUid: row.uid, generation: row.generation, epoch, expiresAt },
    ...{ sessionsUntil: until, issuedBy: actor.identity },
  };
  // The bot may do less than before only if it had a session.
  await bumpSubject(tx, row, { epoch }, { shrinks: row.epoch > 0n });
  await insertCredential(tx, {
    ...{ ...common, id: session.id, kind: "session", secretHash: session.secretHash, audiences },
    parent: credential.id,
  });
  // The session of a resume token is its parent, and the only place where it is of use is here.
  await insertCredential(tx, {
    ...{ ...common, id: resume.id, kind: "resume", secretHash: resume.secretHash },
    ...{ audiences: ["fleetgate"], parent: session.id },
  });
  const issued = { event: "issued", actor, identity: identityOf(row), realm: row.realm } as const;
  await appendAudit(tx, [
    { ...issued, credentialId: session.id, reason: "session", detail: { parent: credential.id } },
    { ...issued, credentialId: resume.id, reason: "resume", detail: { parent: session.id } },
  ]);
  return {
    token: session.token,
    credentialId: session.id,
    resumeToken: resume.token,
    epoch,
    expiresAt: new Date(expiresAt),
  };
}
