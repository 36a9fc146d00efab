import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { readRunnersOfRealm } from "../../storage/credential/runners.ts";
import { retrying } from "../../storage/transaction.ts";
import { refuseBearers } from "../bot/bot-access.ts";
import { credentialPageScope } from "../credential/page-scope.ts";
import { requestedPageSize } from "../page-size.ts";
import { formatPageToken, parsePageToken } from "../page-token.ts";
import { requireRunnerManager } from "./runner-access.ts";
import { toRunner, type Runner } from "./runner.ts";

/** One page of runners, by id. */
export interface RunnerPage {
  readonly runners: readonly Runner[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/** Lists the runners of a realm by id. Fails with INVALID_FIELD, PERMISSION_REQUIRED and PAGE_TOKEN_INVALID. */
export async function listRunners(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly realm: string; readonly pageSize: number; readonly pageToken: string },
): Promise<RunnerPage> {
  refuseBearers(actor);
  const { realm, pageToken } = input;
  requireRunnerManager(snapshot, actor, realm);
  const size = requestedPageSize(input.pageSize);
  const scope = credentialPageScope(deps, actor, ["RunnerService/ListRunners", realm]);
  const after = pageToken === "" ? "" : parsePageToken(scope, pageToken);
  const rows = await retrying(() => readRunnersOfRealm(deps.storage.db, realm, after, size + 1));
  const runners = rows.slice(0, size).map(toRunner);
  const last = runners.at(-1);
  const goesOn = rows.length > size && last !== undefined;
  return { runners, nextPageToken: goesOn ? formatPageToken(scope, last.id) : "" };
}
