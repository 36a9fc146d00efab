import type { ServiceImpl } from "@connectrpc/connect";
import { closeSession } from "../../commands/session/close-session.ts";
import { openSession } from "../../commands/session/open-session.ts";
import { takeOverSession } from "../../commands/session/take-over-session.ts";
import type { SessionService } from "../../gen/fleetgate/credential/v1/session_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall } from "./begin-credential-call.ts";
import { durationMs } from "./duration-ms.ts";
import { judgedByCommand } from "./judged-by-command.ts";
import { toSessionMessage } from "./session-message.ts";

/** The implementation of SessionService. */
export function sessionRoutes(deps: RpcDeps): ServiceImpl<typeof SessionService> {
  return {
    openSession: async ({ ttl, audiences }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { ttl: durationMs(ttl), audiences };
      return {
        session: toSessionMessage(await openSession(area.commands, snapshot, actor, input)),
      };
    },
    takeOverSession: async ({ nonce, ttl }, context) => {
      const call = beginCredentialCall(deps, context);
      const { area, snapshot, actor } = call;
      const input = { nonce, ttl: durationMs(ttl) };
      const session = await judgedByCommand(call, () =>
        takeOverSession(area.commands, snapshot, actor, input),
      );
      return { session: toSessionMessage(session) };
    },
    closeSession: async ({ botId }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      await closeSession(area.commands, snapshot, actor, { botId });
      return {};
    },
  };
}
