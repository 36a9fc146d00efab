import type { Actor } from "../../credentials/deps.ts";
import { foldIdentity } from "../../domain/identity.ts";
import type { WorkOf } from "../../storage/fair-queue.ts";

/** As whom an actor has writes done: all credentials of one bot or task are one, and so are all others of one identity. */
export function writerOf({ identity, record }: Actor): Extract<WorkOf, object> {
  return { peer: record === undefined ? foldIdentity(identity) : `#${record.subject.uid}` };
}
