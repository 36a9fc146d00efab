import { isReader } from "../engine/reader.ts";
import type { Admitted, GateDeps } from "./admission/gate.ts";
import type { Call } from "./call.ts";

/** The header that says how many whole seconds ago the database confirmed the snapshot of the server. */
export const snapshotAgeHeader = "fleetgate-snapshot-age";

/**
 * Has the answer of a call tell the age of the snapshot, if the peer is a reader. Only outside of AclService, whose
 * answers are for services.
 */
export function noteSnapshotAge(
  { replica }: Pick<GateDeps, "replica">,
  call: Call,
  { peer, state }: Admitted,
): void {
  call.snapshotAgeMs = isReader(state.snapshot, peer.identity) ? replica.ageMs() : undefined;
}
