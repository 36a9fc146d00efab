import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate, type Duration, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import type { ApiKeyView } from "../../commands/api-key.ts";
import type {
  ApiKeySchema,
  ApiKeyService,
} from "../../gen/fleetgate/admin/v1/api_key_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginAdminCall } from "./begin-admin-call.ts";
import type { AdminOperations } from "./operations.ts";

/** The implementation of ApiKeyService. */
export function apiKeyRoutes(
  deps: RpcDeps,
  operations: AdminOperations,
): ServiceImpl<typeof ApiKeyService> {
  const { commands } = deps;
  return {
    create: async (request, context) => {
      const { author, answerAt } = beginAdminCall(deps, context);
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
      const { author, answerAt } = beginAdminCall(deps, context);
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
      const { author, answerAt } = beginAdminCall(deps, context);
      const input = { id, requestId, reason };
      const revoked = await operations.revokeApiKey(commands, author, input);
      return {
        apiKey: toApiKey(revoked.apiKey),
        revisionToken: answerAt(revoked.revisionToken),
      };
    },
  };
}

function toApiKey(key: ApiKeyView): MessageInitShape<typeof ApiKeySchema> {
  return {
    id: key.id,
    identity: key.identity,
    description: key.description,
    createdAt: timestampFromDate(new Date(key.createdAt)),
    createdBy: key.createdBy,
    ...optional("expiresAt", key.expiresAt),
    ...optional("revokedAt", key.revokedAt),
    ...optional("lastUsedAt", key.lastUsedAt),
  };
}

function optional<Name extends string>(
  name: Name,
  time: string | null,
): { readonly [N in Name]?: Timestamp } {
  if (time === null) return {};
  return { [name]: timestampFromDate(new Date(time)) } as { readonly [N in Name]: Timestamp };
}

function toSeconds(duration: Duration | undefined): number | undefined {
  return duration === undefined ? undefined : Number(duration.seconds) + duration.nanos / 1e9;
}
