import type { HandlerContext } from "@connectrpc/connect";
import type { Identity } from "../../domain/identity.ts";
import type { CommandDeps } from "../../commands/deps.ts";
import { admit } from "../admission/admit.ts";
import { admitAgain, type GateDeps } from "../admission/gate.ts";
import { callOf } from "../call.ts";

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
  const { peer } = admitAgain(deps, call);
  return {
    author: peer.identity,
    commands: { ...deps.commands, admit: ({ snapshot }) => admit(peer, call.method, snapshot) },
    answerAt: (revisionToken) => {
      call.revisionToken = revisionToken;
      return revisionToken;
    },
  };
}
