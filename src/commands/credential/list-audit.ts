import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { fullRealmName, rootGroup } from "../../domain/names.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { listAudit, type AuditView } from "../../storage/credential/audit-list.ts";
import { inReadTransaction } from "../../storage/transaction.ts";
import { requestedPageSize } from "../page-size.ts";
import { formatPageToken, parsePageToken } from "../page-token.ts";
import { requestedCredentialId, requestedSubject } from "./named-subject.ts";
import { credentialPageScope } from "./page-scope.ts";
import { requirePermission } from "./require-permission.ts";

/** Which audit events to list; see CredentialService.ListAuditEvents. */
export interface ListAuditInput {
  readonly realm: string;
  readonly identity: string;
  readonly credentialId: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

/** One page of audit events, the newest first. */
export interface AuditPage {
  readonly events: readonly AuditView[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/**
 * Lists what happened in a realm; without one, everywhere, for administrators. Fails with INVALID_FIELD, PAGE_TOKEN_INVALID,
 * PERMISSION_REQUIRED or STORAGE_UNAVAILABLE.
 */
export async function listAuditEvents(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: ListAuditInput,
): Promise<AuditPage> {
  const { realm, identity, credentialId, pageToken } = input;
  requireReader(snapshot, actor, realm);
  if (identity !== "") requestedSubject(identity);
  if (credentialId !== "") requestedCredentialId(credentialId);
  const size = requestedPageSize(input.pageSize);
  const query = ["CredentialService/ListAuditEvents", realm, identity, credentialId];
  const scope = credentialPageScope(deps, actor, query);
  const before = pageToken === "" ? undefined : BigInt(parsePageToken(scope, pageToken));
  const filter = {
    realm: given(realm),
    identity: given(identity),
    credentialId: given(credentialId),
    before,
  };
  const found = await inReadTransaction(deps.storage, (tx) => listAudit(tx, filter, size + 1));
  const events = found.slice(0, size);
  const last = events.at(-1);
  const goesOn = found.length > size && last !== undefined;
  return { events, nextPageToken: goesOn ? formatPageToken(scope, last.id.toString()) : "" };
}

function requireReader(snapshot: Snapshot, actor: Actor, realm: string): void {
  if (realm !== "") {
    if (!fullRealmName.test(realm)) throw invalidField("realm", fullRealmName.rule);
    requirePermission(snapshot, actor, "fleetgate.credentials.introspect", realm);
    return;
  }
  const isAdministrator =
    actor.record === undefined && snapshot.authDb.isMember(actor.identity, rootGroup);
  if (!isAdministrator) {
    throw new DomainError(
      "PERMISSION_REQUIRED",
      "realm: name one in which you have fleetgate.credentials.introspect; only administrators may leave it out",
      { permission: "fleetgate.credentials.introspect" },
    );
  }
}

function given(text: string): string | undefined {
  return text === "" ? undefined : text;
}
