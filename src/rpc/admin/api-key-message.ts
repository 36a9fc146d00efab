import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { ApiKeyView } from "../../commands/api-key.ts";
import type { ApiKeySchema } from "../../gen/fleetgate/admin/v1/api_key_service_pb.ts";

/** An API key as the contract has it. */
export function toApiKey(key: ApiKeyView): MessageInitShape<typeof ApiKeySchema> {
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
