import type { ServiceImpl } from "@connectrpc/connect";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { signUrl } from "../../commands/url/sign-url.ts";
import { verifyUrl } from "../../commands/url/verify-url.ts";
import type { UrlService } from "../../gen/fleetgate/credential/v1/url_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall } from "./begin-credential-call.ts";
import { durationMs } from "./duration-ms.ts";

/** The implementation of UrlService. */
export function urlRoutes(deps: RpcDeps): ServiceImpl<typeof UrlService> {
  return {
    signUrl: (request, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const { purpose, method, resource, surviveTask, callerAssertion, realm } = request;
      const { grant, expiresAt } = signUrl(area, snapshot, actor, {
        ...{ purpose, method, resource, surviveTask, callerAssertion, realm },
        ttlMs: durationMs(request.ttl),
      });
      return { grant, expiresAt: timestampFromMs(expiresAt) };
    },
    verifyUrl: ({ grant, purpose, method, resource }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { grant, purpose, method, resource };
      const { realm, task, expiresAt, signedBy } = verifyUrl(area, snapshot, actor, input);
      return {
        realm,
        identity: task?.identity ?? "",
        subjectUid: task?.uid ?? "",
        expiresAt: timestampFromMs(expiresAt),
        signedBy,
      };
    },
  };
}
