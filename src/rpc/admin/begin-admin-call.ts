import type { HandlerContext } from "@connectrpc/connect";
import type { Identity } from "../../domain/identity.ts";
import { admitAgain, type GateDeps } from "../admission/gate.ts";
import { callOf } from "../call.ts";

/** An admin call that may go on. */
export interface AdminCall {
  /** Who asks, and is the author of what it changes. */
  readonly author: Identity;
  /** Makes a revision token that of the whole answer, its header included. */
  readonly answerAt: (revisionToken: string) => string;
}

/** Begins an admin call once its body is read: admits it again if the state has changed meanwhile. */
export function beginAdminCall(deps: GateDeps, context: HandlerContext): AdminCall {
  const call = callOf(context.values);
  const { peer } = admitAgain(deps, call);
  return {
    author: peer.identity,
    answerAt: (revisionToken) => {
      call.revisionToken = revisionToken;
      return revisionToken;
    },
  };
}
