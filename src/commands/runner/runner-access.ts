import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import { maxIdentityLength, parseIdentity } from "../../domain/identity.ts";
import { fullRealmName, rootGroup } from "../../domain/names.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { isSystemId } from "../../domain/credential/manager-info.ts";
import {
  lockSubject,
  readSubject,
  type LockedSubject,
  type SubjectRow,
} from "../../storage/credential/subjects.ts";
import type { Tx } from "../../storage/storage.ts";
import { retrying } from "../../storage/transaction.ts";
import {
  mayIn,
  noSuchSubject,
  permissionRequired,
  requirePermission,
} from "../credential/require-permission.ts";

/** What whoever manages runners has in their realm. */
export const runnerPermission = "fleetgate.runners.manage";

const maxRunnerIdLength = 256;

/** Checks the id of a runner. Fails with INVALID_FIELD. */
export function checkRunnerId(id: string): void {
  const fits = id.length <= maxRunnerIdLength && id.length < maxIdentityLength;
  if (!fits || parseIdentity(`runner:${id}`) === undefined) {
    throw invalidField("runner_id", `must be 1 to ${maxRunnerIdLength} of "0-9 A-Z a-z _ - . @"`);
  }
}

/** Checks the id of a machine. Fails with INVALID_FIELD. */
export function checkSystemId(id: string): void {
  if (!isSystemId(id)) throw invalidField("system_id", 'must be 1 to 64 of "0-9 A-Z a-z _ - ."');
}

/** Whether an actor may manage the runners of a realm. */
export function mayManageRunners(snapshot: Snapshot, actor: Actor, realm: string): boolean {
  return mayIn(snapshot, actor, runnerPermission, realm);
}

/** Checks a realm of a request, and that the actor may manage the runners in it. */
export function requireRunnerManager(snapshot: Snapshot, actor: Actor, realm: string): void {
  if (!fullRealmName.test(realm)) throw invalidField("realm", fullRealmName.rule);
  requirePermission(snapshot, actor, runnerPermission, realm);
}

/**
 * Checks that a pool is the actor's to claim for a runner: of the runner's realm, or of one where the actor manages runners. One that is
 * not configured could become somebody else's, and telling would tell which there are: only administrators hear INVALID_FIELD of that.
 */
export function requireRunnerPool(
  snapshot: Snapshot,
  actor: Actor,
  realm: string,
  pool: string,
): void {
  const poolRealm = snapshot.fleet.realmOfPool(pool);
  if (poolRealm === realm) return;
  if (poolRealm !== undefined && mayManageRunners(snapshot, actor, poolRealm)) return;
  const isAdministrator =
    actor.record === undefined && snapshot.authDb.isMember(actor.identity, rootGroup);
  if (poolRealm === undefined && isAdministrator) throw invalidField("pool", "must be configured");
  throw permissionRequired(runnerPermission);
}

/**
 * Whether somebody may still bring machines to a runner: the configuration may have given its pool to another realm since it was created,
 * and whoever has a token of it passes for one of that pool. A pool that is not configured gives nothing to anybody.
 */
export function mayFillPool(
  snapshot: Snapshot,
  who: Pick<Actor, "identity" | "record" | "use">,
  { realm, pool }: Pick<SubjectRow, "realm" | "pool">,
): boolean {
  const poolRealm = pool === null ? undefined : snapshot.fleet.realmOfPool(pool);
  if (poolRealm === undefined || poolRealm === realm) return true;
  return mayIn(snapshot, who, runnerPermission, poolRealm);
}

/**
 * Checks that there is a runner of this id which the actor may manage, before anything waits for its lock: whoever may not must neither
 * hold up those who may, nor learn from a wait that it exists. Fails as noSuchSubject.
 */
export async function requireManagedRunner(
  { storage }: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  id: string,
): Promise<SubjectRow> {
  checkRunnerId(id);
  const row = await retrying(() => readSubject(storage.db, { kind: "runner", id }));
  return managedRunner(snapshot, actor, id, row && { row }).row;
}

/** The runner that an actor may manage, locked; to be called after requireManagedRunner. Fails as noSuchSubject. */
export async function lockManagedRunner(
  tx: Tx,
  snapshot: Snapshot,
  actor: Actor,
  id: string,
): Promise<LockedSubject> {
  return managedRunner(snapshot, actor, id, await lockSubject(tx, { kind: "runner", id }));
}

/** What was found, if the actor may manage it. Fails as noSuchSubject, the same whether there is anything or not. */
export function managedRunner<Found extends { readonly row: SubjectRow }>(
  snapshot: Snapshot,
  actor: Actor,
  id: string,
  found: Found | undefined,
): Found {
  if (found === undefined || !mayManageRunners(snapshot, actor, found.row.realm)) {
    throw noSuchSubject(snapshot, actor, runnerPermission, "runner", id);
  }
  return found;
}
