import type { Identity } from "../../domain/identity.ts";
import { listChanges as listStored } from "../../storage/history/list-changes.ts";
import type { LoggedChange } from "../../storage/history/logged-change.ts";
import { inReadTransaction } from "../../storage/transaction.ts";
import type { CommandDeps } from "../deps.ts";
import { requestedPageSize } from "../page-size.ts";
import { formatPageToken, parsePageToken, type PageScope } from "../page-token.ts";
import { readFilter, type FilterInput } from "./change-filter.ts";
import { firstVisible, openLog } from "./log-view.ts";

/** One page of changes, the newest first. */
export interface ChangePage {
  readonly changes: readonly LoggedChange[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
  readonly revisionToken: string;
}

/** Which changes to list; see ChangeService.ListChanges. */
export interface ListChangesInput extends FilterInput {
  readonly pageSize: number;
  readonly pageToken: string;
}

const method = "fleetgate.admin.v1.ChangeService/ListChanges";

/**
 * Lists changes, the newest first. What comes after the first page was read does not disturb the others: a page goes on
 * below a revision. Fails with GROUP_REQUIRED, GROUP_FORBIDDEN, INVALID_FIELD, PAGE_TOKEN_INVALID,
 * HISTORY_NOT_ACCEPTED or STORAGE_UNAVAILABLE.
 */
export async function listChanges(
  deps: CommandDeps,
  asker: Identity,
  input: ListChangesInput,
): Promise<ChangePage> {
  const request = { method, asker, group: input.group };
  const view = await openLog(deps, request, () => {
    readFilter(input);
    requestedPageSize(input.pageSize);
  });
  const { state, reads } = view;
  const size = requestedPageSize(input.pageSize);
  const scope = scopeOf(input, asker, state);
  const from = input.pageToken === "" ? state.revision + 1n : startOf(scope, input.pageToken);
  const filter = { ...readFilter(input), before: from, forOwner: reads === "group" };
  const found = await inReadTransaction(deps.storage, async (tx) => {
    const first = await firstVisible(tx, view, request);
    const changes = await listStored(tx, filter, size + 1);
    return changes.filter(({ revision }) => revision >= first);
  });
  const changes = found.slice(0, size);
  const last = changes.at(-1);
  return {
    changes,
    nextPageToken:
      found.length > size && last !== undefined
        ? formatPageToken(scope, last.revision.toString())
        : "",
    revisionToken: state.revisionToken,
  };
}

function scopeOf(
  { author, source, group, kind, key, since, until }: ListChangesInput,
  peer: Identity,
  { tokenKey, databaseId }: { readonly tokenKey: Uint8Array; readonly databaseId: string },
): PageScope {
  const times = [since?.toISOString() ?? null, until?.toISOString() ?? null];
  const query = [method, databaseId, author, source, group, kind, key, ...times];
  // The log only grows, so that pages outlive the revision at which they were read.
  return { tokenKey, query, peer, revision: 0n };
}

function startOf(scope: PageScope, token: string): bigint {
  return BigInt(parsePageToken(scope, token));
}
