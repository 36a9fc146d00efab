import type { Actor } from "../../credentials/deps.ts";
import { foldIdentity, type Identity } from "../../domain/identity.ts";

/**
 * As whom an actor holds tasks. A bot that came by a credential of its own holds them as that very bot: one that is created anew under its
 * name has no part in what the former one held.
 */
export function holderOf({ identity, record }: Actor): string {
  return subjectHolder(identity, record?.subject.uid);
}

/** The same by the uid of that bot; undefined: it came by another credential. */
export function subjectHolder(identity: Identity, uid: string | undefined): string {
  return uid === undefined ? foldIdentity(identity) : `${identity}#${uid}`;
}
