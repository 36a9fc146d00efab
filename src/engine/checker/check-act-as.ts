import type { Identity } from "../../domain/identity.ts";
import { actAsPermission } from "../../domain/permissions.ts";
import { quote } from "../../domain/quote.ts";
import { permitted, type Decision, type Denied } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";

/**
 * Checks whether a task in a realm may act as a service service_account: whether the account, which is
 * `user:<serviceAccount>`, has the permission there. Who asks plays no part and is not named.
 */
export function checkActAs(
  snapshot: Snapshot,
  account: Identity,
  serviceAccount: string,
  realm: string,
): Decision {
  if (snapshot.authDb.hasPermission(account, actAsPermission, realm)) return permitted;
  return denyActAs(serviceAccount, realm);
}

/** The denial of checkActAs: it depends on nothing but the question. */
export function denyActAs(serviceAccount: string, realm: string): Denied {
  return {
    permitted: false,
    denial: {
      message:
        `Permission ${quote(actAsPermission)} denied for service account ${quote(serviceAccount)} ` +
        `in realm ${quote(realm)} (or the realm does not exist)`,
      metadata: { service_account: serviceAccount, permission: actAsPermission, realm },
    },
  };
}
