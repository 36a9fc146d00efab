import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import {
  listCredentialViews,
  readNamesakes,
  type CredentialView,
} from "../../storage/credential/list-credentials.ts";
import { inReadTransaction } from "../../storage/transaction.ts";
import { requestedPageSize } from "../page-size.ts";
import { formatPageToken, parsePageToken } from "../page-token.ts";
import { requestedSubject } from "./named-subject.ts";
import { credentialPageScope } from "./page-scope.ts";
import { isRealmDefined, mayIn, noSuchSubject } from "./require-permission.ts";
import { toShownCredential } from "./shown-credential.ts";

/** Which credentials to list; see CredentialService.ListCredentials. */
export interface ListCredentialsInput {
  readonly identity: string;
  readonly showEnded: boolean;
  readonly pageSize: number;
  readonly pageToken: string;
}

/** One page of credentials, the newest first. */
export interface CredentialPage {
  readonly credentials: readonly CredentialView[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/**
 * Lists the credentials of a subject, and of those that had its id before, as far as the actor may read them. Fails with
 * INVALID_FIELD, PAGE_TOKEN_INVALID, PERMISSION_REQUIRED, NOT_FOUND or STORAGE_UNAVAILABLE.
 */
export async function listCredentials(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: ListCredentialsInput,
): Promise<CredentialPage> {
  const { identity, showEnded, pageToken } = input;
  const { kind, id } = requestedSubject(identity);
  const size = requestedPageSize(input.pageSize);
  const query = ["CredentialService/ListCredentials", identity, showEnded];
  const scope = credentialPageScope(deps, actor, query);
  const after = pageToken === "" ? undefined : parsePageToken(scope, pageToken);
  const permission = "fleetgate.credentials.introspect";
  const found = await inReadTransaction(deps.storage, async (tx) => {
    const subjects = await readNamesakes(tx, kind, id);
    const mine = subjects.filter(({ realm }) => mayIn(snapshot, actor, permission, realm));
    if (mine.length === 0) return undefined;
    // In a realm that is gone nothing proves anything.
    const listed = mine.filter(({ realm }) => showEnded || isRealmDefined(snapshot, realm));
    const subjectUids = listed.map(({ uid }) => uid);
    return listCredentialViews(tx, { subjectUids, showEnded, after }, size + 1);
  });
  if (found === undefined) throw noSuchSubject(snapshot, actor, permission, kind, id);
  const credentials = found.slice(0, size).map((view) => toShownCredential(snapshot, view));
  const last = credentials.at(-1);
  const goesOn = found.length > size && last !== undefined;
  return { credentials, nextPageToken: goesOn ? formatPageToken(scope, last.place) : "" };
}
