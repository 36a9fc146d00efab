import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { managerStatus, type ManagerStatus } from "../../domain/credential/manager-status.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { readManagersOf, type ManagerView } from "../../storage/credential/managers.ts";
import { retrying } from "../../storage/transaction.ts";
import { refuseBearers } from "../bot/bot-access.ts";
import { credentialPageScope } from "../credential/page-scope.ts";
import { requestedPageSize } from "../page-size.ts";
import { formatPageToken, parsePageToken } from "../page-token.ts";
import { requireManagedRunner } from "./runner-access.ts";

/** A machine that works for a runner, as people see it. */
export interface Manager extends ManagerView {
  readonly status: ManagerStatus;
}

/** One page of managers, by system id. */
export interface ManagerPage {
  readonly managers: readonly Manager[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/** Lists the managers of a runner by system id. Fails with INVALID_FIELD, PAGE_TOKEN_INVALID, and as noSuchSubject. */
export async function listManagers(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly id: string; readonly pageSize: number; readonly pageToken: string },
): Promise<ManagerPage> {
  refuseBearers(actor);
  const { id, pageToken } = input;
  const size = requestedPageSize(input.pageSize);
  const { uid } = await requireManagedRunner(deps, snapshot, actor, id);
  const scope = credentialPageScope(deps, actor, ["RunnerService/ListManagers", uid]);
  const after = pageToken === "" ? "" : parsePageToken(scope, pageToken);
  const { db } = deps.storage;
  const { managers: found, now } = await retrying(() => readManagersOf(db, uid, after, size + 1));
  const managers = found.slice(0, size).map((manager) => {
    const { isReady, enrolledAt, contactedAt } = manager;
    const times = { enrolledAt: enrolledAt.getTime(), contactedAt: contactedAt?.getTime() };
    return { ...manager, status: managerStatus({ isReady, ...times }, now) };
  });
  const last = managers.at(-1);
  const goesOn = found.length > size && last !== undefined;
  return { managers, nextPageToken: goesOn ? formatPageToken(scope, last.systemId) : "" };
}
