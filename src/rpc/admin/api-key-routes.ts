import type { Duration } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { ApiKeyService } from "../../gen/fleetgate/admin/v1/api_key_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { toApiKey } from "./api-key-message.ts";
import { beginAdminCall } from "./begin-admin-call.ts";
import type { AdminOperations } from "./operations.ts";

/** The implementation of ApiKeyService. */
export function apiKeyRoutes(
  deps: RpcDeps,
  operations: AdminOperations,
): ServiceImpl<typeof ApiKeyService> {
  return {
    create: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { identity, description, ttl, noExpiry, requestId, reason } = request;
      const ttlSeconds = toSeconds(ttl);
      const input = { identity, description, ttlSeconds, noExpiry, requestId, reason };
      const created = await operations.createApiKey(commands, author, input);
      return {
        apiKey: toApiKey(created.apiKey),
        token: created.token,
        revisionToken: answerAt(created.revisionToken),
      };
    },
    list: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { pageSize, pageToken, identity, showEnded } = request;
      const input = { pageSize, pageToken, identity, showEnded };
      const page = await operations.listApiKeys(commands, author, input);
      return {
        apiKeys: page.apiKeys.map(toApiKey),
        nextPageToken: page.nextPageToken,
        revisionToken: answerAt(page.revisionToken),
      };
    },
    revoke: async ({ id, requestId, reason }, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const input = { id, requestId, reason };
      const revoked = await operations.revokeApiKey(commands, author, input);
      return {
        apiKey: toApiKey(revoked.apiKey),
        revisionToken: answerAt(revoked.revisionToken),
      };
    },
  };
}

function toSeconds(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : Number(duration.seconds) + duration.nanos / 1e9;
}
