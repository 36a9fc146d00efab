import type { ServiceImpl } from "@connectrpc/connect";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { signUrl } from "../../commands/url/sign-url.ts";
import { verifyUrl, type VerifyUrlInput } from "../../commands/url/verify-url.ts";
import { shownRefused } from "../../commands/credential/shown-refused.ts";
import type { Grant } from "../../credentials/url-grant.ts";
import { DomainError } from "../../domain/errors.ts";
import { withoutStack } from "../../domain/without-stack.ts";
import type { UrlService } from "../../gen/fleetgate/credential/v1/url_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall, type CredentialCall } from "./begin-credential-call.ts";
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
      const call = beginCredentialCall(deps, context);
      const input = { grant, purpose, method, resource };
      const { realm, task, expiresAt, signedBy } = requireGood(call, input);
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

/**
 * The grant of a URL that is good for the request, and tells the books. Fails with SHOWN_CREDENTIAL_REFUSED, the same for every cause;
 * with STORAGE_UNAVAILABLE when nobody can tell now, and as verifyUrl does.
 */
function requireGood({ area, snapshot, actor }: CredentialCall, input: VerifyUrlInput): Grant {
  const verdict = verifyUrl(area, snapshot, actor, input);
  area.bookkeeping.verified(verdict, actor);
  if (verdict.kind === "good") return verdict.grant;
  throw verdict.kind === "refused" ? shownRefused(verdict.why) : cannotTell();
}

function cannotTell(): DomainError {
  return withoutStack(
    () => new DomainError("STORAGE_UNAVAILABLE", "whether the grant holds is not known now"),
  );
}
