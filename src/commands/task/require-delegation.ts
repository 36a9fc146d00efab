import type { Actor } from "../../credentials/deps.ts";
import { DomainError } from "../../domain/errors.ts";
import { foldIdentity, type Identity } from "../../domain/identity.ts";
import type { FleetgatePermission } from "../../domain/permissions.ts";
import { mayAskOnBehalf } from "../../engine/delegation.ts";
import type { Snapshot } from "../../engine/snapshot.ts";

const permission: FleetgatePermission = "fleetgate.tasks.register";

/** Checks that an actor may register tasks of a realm on behalf of a user; undefined: of nobody. Fails with ON_BEHALF_OF_FORBIDDEN. */
export function requireDelegation(
  snapshot: Snapshot,
  { identity }: Actor,
  user: Identity | undefined,
  realm: string,
): void {
  if (mayRegisterFor(snapshot, identity, user, realm)) return;
  const message = "no delegation lets the peer register tasks on behalf of this user";
  throw new DomainError("ON_BEHALF_OF_FORBIDDEN", message);
}

/** Whether somebody may register tasks of a realm on behalf of a user; undefined: of nobody. */
export function mayRegisterFor(
  snapshot: Snapshot,
  identity: Identity,
  user: Identity | undefined,
  realm: string,
): boolean {
  if (user === undefined || foldIdentity(user) === foldIdentity(identity)) return true;
  const question = { permission, realms: [realm], pools: [], bots: [] };
  return mayAskOnBehalf(snapshot, identity, user, question);
}
