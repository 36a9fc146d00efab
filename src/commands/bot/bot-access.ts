import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import { maxIdentityLength, parseIdentity } from "../../domain/identity.ts";
import { fullRealmName } from "../../domain/names.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import {
  lockSubject,
  readSubject,
  type LockedSubject,
  type SubjectRow,
} from "../../storage/credential/subjects.ts";
import type { Tx } from "../../storage/storage.ts";
import { retrying } from "../../storage/transaction.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { mayIn, noSuchSubject, requirePermission } from "../credential/require-permission.ts";

const permission = "fleetgate.bots.manage";
const maxBotIdLength = 256;

/** Checks the id of a bot. Fails with INVALID_FIELD. */
export function checkBotId(id: string): void {
  const fits = id.length <= maxBotIdLength && id.length < maxIdentityLength;
  if (!fits || parseIdentity(`bot:${id}`) === undefined) {
    throw invalidField("bot_id", `must be 1 to ${maxBotIdLength} of "0-9 A-Z a-z _ - . @"`);
  }
}

/** Checks a realm of a request, and that the actor may manage the bots in it. */
export function requireManager(snapshot: Snapshot, actor: Actor, realm: string): void {
  if (!fullRealmName.test(realm)) throw invalidField("realm", fullRealmName.rule);
  requirePermission(snapshot, actor, permission, realm);
}

/** Somebody as far as it matters which bots are theirs, be they here or not. */
export type Manager = Pick<Actor, "identity" | "record" | "use">;

/** Whether somebody may manage the bots of a realm. */
export function mayManage(snapshot: Snapshot, who: Manager, realm: string): boolean {
  return mayIn(snapshot, who, permission, realm);
}

/**
 * Refuses the bearer of a bot's or a task's credential, whatever its realm gives it: each kind mints only the next one, so
 * none of them creates, queues or deletes bots. Fails with CREDENTIAL_REQUIRED.
 */
export function refuseBearers(actor: Actor): void {
  if (actor.record !== undefined) {
    throw credentialRefused(`a ${actor.record.kind} token is not for this method`);
  }
}

/**
 * Checks that there is a bot of this id which the actor may manage, before anything waits for its lock: whoever may not must neither
 * hold up those who may, nor learn from a wait that it exists. Fails as noSuchSubject.
 */
export async function requireManagedBot(
  { storage }: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  id: string,
): Promise<void> {
  const row = await retrying(() => readSubject(storage.db, { kind: "bot", id }));
  managed(snapshot, actor, id, row && { row });
}

/** The bot that an actor may manage, locked; to be called after requireManagedBot. Fails as noSuchSubject, the same whether it exists or not. */
export async function lockManagedBot(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  id: string,
): Promise<LockedSubject> {
  return managed(snapshot, actor, id, await lockSubject(tx, { kind: "bot", id }));
}

/** What was found, if the actor may manage it. Fails as noSuchSubject, the same whether there is anything or not. */
export function managed<Found extends { readonly row: SubjectRow }>(
  snapshot: Snapshot,
  actor: Actor,
  id: string,
  found: Found | undefined,
): Found {
  if (found === undefined || !mayManage(snapshot, actor, found.row.realm)) {
    throw noSuchSubject(snapshot, actor, permission, "bot", id);
  }
  return found;
}
