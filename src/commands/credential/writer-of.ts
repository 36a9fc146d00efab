import type { Actor } from "../../credentials/deps.ts";
import { foldIdentity } from "../../domain/identity.ts";
import type { WorkOf } from "../../storage/fair-queue.ts";

/**
 * As whom an actor has writes done, and takes places of which each peer has so many: all credentials of one kind of one bot or task
 * are one, and so are all others of one identity. The kinds of a bot are apart, so that whoever stole its session token cannot keep it
 * from the takeover that ends the theft; and so are the machines of a runner.
 */
export function writerOf({ identity, record }: Actor): Extract<WorkOf, object> {
  const peer = record && `#${record.subject.uid} ${record.kind} ${record.systemId ?? ""}`;
  return { peer: peer ?? foldIdentity(identity) };
}
