import type { Actor } from "../../credentials/deps.ts";
import { verifyGrant, type Grant, type GrantUse } from "../../credentials/url-grant.ts";
import { DomainError } from "../../domain/errors.ts";
import { withoutStack } from "../../domain/without-stack.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { isRealmDefined, mayIn } from "../credential/require-permission.ts";
import type { UrlDeps } from "./deps.ts";
import { requirePurpose } from "./grant-use.ts";
import { shownRefused } from "./shown-refused.ts";

/** What came with a URL, and what it came for. */
export interface VerifyUrlInput extends GrantUse {
  readonly grant: string;
}

/**
 * Says what a grant is worth for a request. Reads no database. A method or a resource that nobody can have signed is of another request
 * like any other. Throws SHOWN_CREDENTIAL_REFUSED, the same for every cause; STORAGE_UNAVAILABLE when nobody can tell now, and
 * INVALID_FIELD (`purpose`).
 */
export function verifyUrl(
  { keyring, identifier }: UrlDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: VerifyUrlInput,
): Grant {
  requirePurpose(input.purpose);
  const now = identifier.databaseNow();
  const verdict = verifyGrant(keyring, identifier, input.grant, input, now);
  if (verdict.kind === "unknown") throw cannotTell();
  if (verdict.kind === "refused") throw shownRefused();
  const { grant } = verdict;
  if (!isRealmDefined(snapshot, grant.realm)) throw shownRefused();
  if (!mayIn(snapshot, actor, "fleetgate.callers.identify", grant.realm)) throw shownRefused();
  return grant;
}

function cannotTell(): DomainError {
  return withoutStack(
    () => new DomainError("STORAGE_UNAVAILABLE", "whether the grant holds is not known now"),
  );
}
