import { reportPermission } from "../../domain/credential/gates.ts";
import { DomainError } from "../../domain/errors.ts";
import { rootGroup } from "../../domain/names.ts";
import type { FleetgatePermission } from "../../domain/permissions.ts";
import { withoutStack } from "../../domain/without-stack.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { Actor } from "../../credentials/deps.ts";

/**
 * Lets an actor go on who has the permission in the realm, or is an administrator. A task has it only if its credential has, too.
 * Fails with PERMISSION_REQUIRED, the same where there is no such realm.
 */
export function requirePermission(
  snapshot: Snapshot,
  actor: Actor,
  permission: FleetgatePermission,
  realm: string,
): void {
  if (!mayIn(snapshot, actor, permission, realm)) throw permissionRequired(permission);
}

/** Whether requirePermission would let the actor go on. */
export function mayIn(
  { authDb }: Snapshot,
  { identity, record, use }: Pick<Actor, "identity" | "record" | "use">,
  permission: FleetgatePermission,
  realm: string,
): boolean {
  if (record?.kind === "task") {
    if (!record.permissions.includes(permission)) return false;
    // One that is to stop, has ended or is held by nobody may report, and do nothing else.
    if (use !== "all" && permission !== reportPermission) return false;
  }
  if (authDb.hasPermission(identity, permission, realm)) return true;
  return record === undefined && authDb.isMember(identity, rootGroup);
}

/**
 * The error for a subject that does not exist: NOT_FOUND for an administrator, who may read all there is; for everybody else the
 * same as for one that is none of theirs.
 */
export function noSuchSubject(
  { authDb }: Snapshot,
  { identity, record }: Actor,
  permission: FleetgatePermission,
  kind: string,
  name: string,
): DomainError {
  if (record === undefined && authDb.isMember(identity, rootGroup)) {
    return new DomainError("NOT_FOUND", `there is no ${kind} ${JSON.stringify(name)}`, {
      kind,
      name,
    });
  }
  return permissionRequired(permission);
}

/** The error for who does not have a permission. */
export function permissionRequired(permission: FleetgatePermission): DomainError {
  const message = `${permission} is required in the realm, or there is no such thing there`;
  return withoutStack(() => new DomainError("PERMISSION_REQUIRED", message, { permission }));
}

/** Whether a realm is defined, be it empty. Nothing is created in one that is not. */
export function isRealmDefined({ realms }: Snapshot, realm: string): boolean {
  return realms.isDefined(realm);
}
