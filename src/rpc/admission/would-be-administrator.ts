import { rootGroup } from "../../domain/names.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type { Peer } from "./peer.ts";

/**
 * Whether a peer would be an administrator, if the credential of a bot, a task or a runner could make one. It cannot, whoever put its
 * identity into that group; so it gets nowhere where it would be taken for one.
 */
export function wouldBeAdministrator({ identity, record }: Peer, { authDb }: Snapshot): boolean {
  return record !== undefined && authDb.isMember(identity, rootGroup);
}
