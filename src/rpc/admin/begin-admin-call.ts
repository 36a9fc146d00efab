import type { HandlerContext } from "@connectrpc/connect";
import type { Identity } from "../../domain/identity.ts";
import type { CommandDeps } from "../../commands/deps.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { admit, identify } from "../admission/admit.ts";
import { admitAgain, type GateDeps } from "../admission/gate.ts";
import { callOf, type Call } from "../call.ts";
import { noPeerIdentity } from "../deps.ts";
import { noteSnapshotAge } from "../snapshot-age.ts";

/** An admin call that may go on. */
export interface AdminCall {
  /** Who asks, and is the author of what it changes. */
  readonly author: Identity;
  /** What its command works with: changes are admitted once more on the state that they are planned on. */
  readonly commands: CommandDeps;
  /** Makes a revision token that of the whole answer, its header included. */
  readonly answerAt: (revisionToken: string) => string;
}

/** Begins an admin call once its body is read: admits it again if the state has changed meanwhile. */
export function beginAdminCall(
  deps: GateDeps & { readonly commands: CommandDeps },
  context: HandlerContext,
): AdminCall {
  const call = callOf(context.values);
  const admitted = admitAgain(deps, call);
  const { peer } = admitted;
  noteSnapshotAge(deps, call, admitted);
  return {
    author: peer.identity,
    commands: {
      ...deps.commands,
      admit: (state) => admitOn(deps, call, state),
      signal: context.signal,
    },
    answerAt: (revisionToken) => {
      call.revisionToken = revisionToken;
      return revisionToken;
    },
  };
}

// A change may wait long for its turn: by then its credential may be revoked or expired, and its author without rights.
function admitOn(deps: GateDeps, { proof, method }: Call, state: ReplicaState): void {
  const { certificateRules } = deps.identity ?? noPeerIdentity;
  const { allowAnonymous } = deps.options;
  const peer = identify({
    ...{ proof, method, state, now: deps.clock() },
    ...{ allowAnonymous, certificateRules },
  });
  if (peer !== undefined) admit(peer, { proof, method }, state.snapshot);
}
