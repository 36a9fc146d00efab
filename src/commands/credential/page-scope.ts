import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { DomainError } from "../../domain/errors.ts";
import type { PageScope } from "../page-token.ts";

/**
 * What tokens of pages of credentials are bound to. No revision: what is listed grows at its beginning only, so pages outlive the
 * revision at which they were read. Fails with STORAGE_UNAVAILABLE.
 */
export function credentialPageScope(
  { replica }: Pick<CredentialDeps, "replica">,
  { identity }: Actor,
  query: readonly unknown[],
): PageScope {
  const state = replica.current();
  if (state === undefined) {
    throw new DomainError("STORAGE_UNAVAILABLE", "no usable snapshot is loaded; retry");
  }
  const { tokenKey, databaseId } = state;
  return { tokenKey, query: [databaseId, ...query], peer: identity, revision: 0n };
}
