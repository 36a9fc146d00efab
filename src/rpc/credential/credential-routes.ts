import type { ServiceImpl } from "@connectrpc/connect";
import { getCredential } from "../../commands/credential/get-credential.ts";
import { listAuditEvents } from "../../commands/credential/list-audit.ts";
import { listCredentials } from "../../commands/credential/list-credentials.ts";
import { revokeCredential } from "../../commands/credential/revoke-credential.ts";
import type { CredentialService } from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall } from "./begin-credential-call.ts";
import { durationMs } from "./duration-ms.ts";
import { rotateToken } from "./rotate-token.ts";
import { toAuditEvent, toCredential } from "./credential-message.ts";

/** The implementation of CredentialService. */
export function credentialRoutes(deps: RpcDeps): ServiceImpl<typeof CredentialService> {
  return {
    getCredential: async ({ credentialId }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const found = await getCredential(area.commands, snapshot, actor, credentialId);
      return { credential: toCredential(found) };
    },
    listCredentials: async ({ identity, showEnded, pageSize, pageToken }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { identity, showEnded, pageSize, pageToken };
      const page = await listCredentials(area.commands, snapshot, actor, input);
      return {
        credentials: page.credentials.map(toCredential),
        nextPageToken: page.nextPageToken,
      };
    },
    revokeCredential: async ({ credentialId, identity, reason }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { credentialId, identity, reason };
      return { revoked: await revokeCredential(area.commands, snapshot, actor, input) };
    },
    rotateCredential: async ({ credentialId, grace, ttl, nonce }, context) => {
      const call = beginCredentialCall(deps, context);
      const times = { grace: durationMs(grace), ttl: durationMs(ttl) };
      return rotateToken(call, { credentialId, ...times, nonce });
    },
    listAuditEvents: async (request, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const { realm, identity, credentialId, pageSize, pageToken } = request;
      const input = { realm, identity, credentialId, pageSize, pageToken };
      const page = await listAuditEvents(area.commands, snapshot, actor, input);
      return { events: page.events.map(toAuditEvent), nextPageToken: page.nextPageToken };
    },
  };
}
