import { mayWriteSomeGroup } from "../../engine/group-rights.ts";
import type { Call } from "../call.ts";
import { noPeerIdentity } from "../deps.ts";
import { identify, requireActive } from "./admit.ts";
import type { GateDeps } from "./gate.ts";

/**
 * Whether the peer of a call may write any group at all, by the head of the call alone; false for a peer whom the gate
 * will refuse. It decides how large a request may be, and nothing else.
 */
export function mayWriteGroups(deps: GateDeps, { proof, method }: Call): boolean {
  const state = deps.replica.current();
  const { allowAnonymous } = deps.options;
  const { certificateRules } = deps.identity ?? noPeerIdentity;
  try {
    const now = deps.clock();
    const peer = identify({ proof, method, state, now, allowAnonymous, certificateRules });
    if (peer === undefined || state === undefined) return false;
    requireActive(peer, { proof, method });
    return mayWriteSomeGroup(state.snapshot, peer.identity);
  } catch {
    return false;
  }
}
