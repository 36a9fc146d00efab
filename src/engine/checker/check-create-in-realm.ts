import type { Identity } from "../../domain/identity.ts";
import { createInRealmPermission } from "../../domain/permissions.ts";
import { quote } from "../../domain/quote.ts";
import { deny, permitted, type Decision, type Denied } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";

/** Checks whether the caller may create tasks in a realm. The server level plays no part. */
export function checkCreateInRealm(snapshot: Snapshot, caller: Identity, realm: string): Decision {
  if (snapshot.authDb.hasPermission(caller, createInRealmPermission, realm)) return permitted;
  return denyCreateInRealm(caller, realm);
}

/** The denial of checkCreateInRealm: it depends on nothing but the question. */
export function denyCreateInRealm(caller: Identity, realm: string): Denied {
  const about = (): string => `in realm ${quote(realm)} (or the realm does not exist)`;
  return deny(caller, createInRealmPermission, about, { realm });
}
