import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { invalidField } from "../../domain/errors.ts";
import { foldIdentity } from "../../domain/identity.ts";
import { fullRealmName } from "../../domain/names.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { formatClaimPlace, listClaims as list } from "../../storage/credential/list-claims.ts";
import type { ClaimSummary } from "../../storage/credential/claims.ts";
import { inReadTransaction } from "../../storage/transaction.ts";
import { credentialPageScope } from "../credential/page-scope.ts";
import { mayIn, requirePermission } from "../credential/require-permission.ts";
import { requestedPageSize } from "../page-size.ts";
import { formatPageToken, parsePageToken } from "../page-token.ts";
import { checkTaskId } from "../task/task-input.ts";

const manage = "fleetgate.tasks.manage";

/** See ListClaimsRequest. */
export interface ListClaimsInput {
  readonly realm: string;
  /** Empty: of all jobs. */
  readonly jobId: string;
  readonly showEnded: boolean;
  readonly pageSize: number;
  readonly pageToken: string;
}

/** One page of claims, the newest first. */
export interface ClaimPage {
  readonly claims: readonly ClaimSummary[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/**
 * Lists the claims of a realm that the actor has opened; for who manages its tasks, all. Fails with INVALID_FIELD, PERMISSION_REQUIRED for
 * who may neither open claims there nor manage tasks, PAGE_TOKEN_INVALID or STORAGE_UNAVAILABLE.
 */
export async function listClaims(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: ListClaimsInput,
): Promise<ClaimPage> {
  const { realm, jobId, showEnded, pageToken } = input;
  if (!fullRealmName.test(realm)) throw invalidField("realm", fullRealmName.rule);
  if (jobId !== "") checkTaskId(jobId, "job_id");
  const isManager = mayIn(snapshot, actor, manage, realm);
  if (!isManager) requirePermission(snapshot, actor, "fleetgate.tasks.register", realm);
  const size = requestedPageSize(input.pageSize);
  const query = ["ClaimService/ListClaims", realm, jobId, showEnded];
  const scope = credentialPageScope(deps, actor, query);
  const after = pageToken === "" ? undefined : parsePageToken(scope, pageToken);
  const own = actor.record?.subject.uid ?? foldIdentity(actor.identity);
  const opener = isManager ? undefined : own;
  const filter = { realm, jobId: jobId === "" ? undefined : jobId, showEnded, opener, after };
  const found = await inReadTransaction(deps.storage, (tx) => list(tx, filter, size + 1));
  const claims = found.slice(0, size);
  const last = claims.at(-1);
  const goesOn = found.length > size && last !== undefined;
  return { claims, nextPageToken: goesOn ? formatPageToken(scope, formatClaimPlace(last)) : "" };
}
