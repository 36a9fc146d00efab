import type { Actor } from "../../credentials/deps.ts";
import {
  refuseGrant,
  verifyGrant,
  type GrantUse,
  type GrantVerdict,
} from "../../credentials/url-grant.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { isRealmDefined, mayIn } from "../credential/require-permission.ts";
import type { UrlDeps } from "./deps.ts";
import { requirePurpose } from "./grant-use.ts";

/** What came with a URL, and what it came for. */
export interface VerifyUrlInput extends GrantUse {
  readonly grant: string;
}

/**
 * Says what a grant is worth for a request, to this peer. Reads no database. A method or a resource that nobody can have signed is of
 * another request like any other. Fails with INVALID_FIELD (`purpose`).
 */
export function verifyUrl(
  { keyring, identifier }: UrlDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: VerifyUrlInput,
): GrantVerdict {
  requirePurpose(input.purpose);
  const now = identifier.databaseNow();
  const verdict = verifyGrant(keyring, identifier, input.grant, input, now);
  if (verdict.kind !== "good") return verdict;
  const { grant } = verdict;
  if (!isRealmDefined(snapshot, grant.realm)) return refuseGrant("realm_gone", grant);
  const isMine = mayIn(snapshot, actor, "fleetgate.callers.identify", grant.realm);
  return isMine ? verdict : refuseGrant("forbidden_realm", grant);
}
