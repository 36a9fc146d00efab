import { isAudience } from "../../commands/credential/fields.ts";
import type { Inquiry } from "../../credentials/identifier.ts";
import type { CredentialKind } from "../../domain/credential/kinds.ts";
import { invalidField } from "../../domain/errors.ts";
import { identityKind, parseIdentity, type Identity } from "../../domain/identity.ts";
import { permissionName } from "../../domain/names.ts";
import {
  Freshness,
  type IdentifyCallerRequest,
} from "../../gen/fleetgate/credential/v1/caller_service_pb.ts";

// What takes a session or a job over, or enrols a machine, is shown to this server alone.
const shownKinds: ReadonlySet<CredentialKind> = new Set(["boot", "session", "task", "runner"]);

/**
 * What a request of IdentifyCaller asks. A text that cannot be a token is no mistake of the peer, to which anybody may show
 * anything: it is refused like any other. Fails with INVALID_FIELD.
 */
export function readInquiry(request: IdentifyCallerRequest, peer: Identity): Inquiry {
  const { token, audience, wantPermission, targetSubject } = request;
  if (!isAudience(audience)) {
    throw invalidField("audience", 'must be 1 to 64 of "a-z 0-9 . _ -"');
  }
  if (wantPermission !== "" && !permissionName.test(wantPermission)) {
    throw invalidField("want_permission", `${permissionName.rule}, or empty`);
  }
  return {
    token,
    accepts: shownKinds,
    audience,
    wantPermission: wantPermission === "" ? undefined : wantPermission,
    targetSubject: targetSubject === "" ? undefined : readTarget(targetSubject),
    freshness: readFreshness(request.freshness),
    source: peer,
  };
}

function readTarget(text: string): Identity {
  const identity = parseIdentity(text);
  const kind = identity === undefined ? undefined : identityKind(identity);
  const isSubject = kind === "bot" || kind === "task" || kind === "runner";
  if (identity !== undefined && isSubject) return identity;
  throw invalidField("target_subject", 'must be "bot:...", "task:..." or "runner:...", or empty');
}

function readFreshness(freshness: Freshness): Inquiry["freshness"] {
  switch (freshness) {
    case Freshness.UNSPECIFIED:
    case Freshness.BOUNDED:
      return "bounded";
    case Freshness.STRICT:
      return "strict";
    default:
      throw invalidField("freshness", "must be a freshness that this server knows");
  }
}
