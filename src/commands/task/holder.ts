import type { Actor } from "../../credentials/deps.ts";
import { foldIdentity } from "../../domain/identity.ts";

/**
 * As whom an actor holds tasks. A bot that came by a credential of its own holds them as that very bot: one that is created anew under its
 * name has no part in what the former one held.
 */
export function holderOf({ identity, record }: Actor): string {
  return record === undefined ? foldIdentity(identity) : `${identity}#${record.subject.uid}`;
}
