import { DomainError, invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { groupName } from "../../domain/names.ts";
import type { Db } from "../../storage/database.ts";
import type { LoggedChange } from "../../storage/history/logged-change.ts";
import { readChange, readChangeItems, type LoggedItem } from "../../storage/history/read-change.ts";
import { readItemPlace } from "../../storage/item-place.ts";
import { inReadTransaction } from "../../storage/transaction.ts";
import type { CommandDeps } from "../deps.ts";
import { forbidden } from "../group/group-errors.ts";
import { requestedPageSize } from "../page-size.ts";
import {
  formatPageToken,
  pageTokenInvalid,
  parsePageToken,
  type PageScope,
} from "../page-token.ts";
import { checkName } from "./change-filter.ts";
import { firstVisible, openLog } from "./log-view.ts";

/** A change and one page of its items. */
export interface ChangeWithItems {
  readonly change: LoggedChange;
  /** In the order of kinds and keys. */
  readonly items: readonly LoggedItem[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
  readonly revisionToken: string;
}

/** Which change to read; see ChangeService.GetChange. */
export interface GetChangeInput {
  readonly revision: bigint;
  readonly pageSize: number;
  readonly pageToken: string;
  /** Only what is of this group; empty: everything. */
  readonly group: string;
}

const method = "fleetgate.admin.v1.ChangeService/GetChange";

/**
 * Reads a change and a page of its items. Fails with GROUP_REQUIRED, INVALID_FIELD, PAGE_TOKEN_INVALID,
 * HISTORY_NOT_ACCEPTED or STORAGE_UNAVAILABLE; with NOT_FOUND for readers; and with GROUP_FORBIDDEN for owners, when
 * there is no such change or it did nothing to their group.
 */
export async function getChange(
  deps: CommandDeps,
  asker: Identity,
  input: GetChangeInput,
): Promise<ChangeWithItems> {
  const { revision, group, pageToken } = input;
  const request = { method, asker, group };
  const view = await openLog(deps, request, () => {
    checkRevision(revision);
    checkName("group", group, groupName);
    requestedPageSize(input.pageSize);
  });
  const { state, reads } = view;
  const scope: PageScope = {
    tokenKey: state.tokenKey,
    query: [method, state.databaseId, revision.toString(), group],
    peer: asker,
    revision: 0n,
  };
  const last = pageToken === "" ? undefined : parsePageToken(scope, pageToken);
  const size = requestedPageSize(input.pageSize);
  const ofGroup = { group: group === "" ? undefined : group, forOwner: reads === "group" };

  return inReadTransaction(deps.storage, async (tx) => {
    const first = await firstVisible(tx, view, request);
    const isVisible = revision <= state.revision && revision >= first;
    const change = isVisible ? await readChange(tx, revision, ofGroup) : undefined;
    if (change === undefined || (reads === "group" && change.summary.length === 0)) {
      throw reads === "group" ? forbidden(group, "read") : noSuchChange(revision);
    }
    const afterSeq = last === undefined ? 0 : await placeOf(tx, input, last);
    const range = { ...ofGroup, afterSeq, limit: size + 1 };
    const found = await readChangeItems(tx, revision, range);
    const items = found.slice(0, size);
    const next = found.length > size ? items.at(-1) : undefined;
    return {
      change,
      items,
      nextPageToken: next === undefined ? "" : formatPageToken(scope, nameOf(input, next)),
      revisionToken: state.revisionToken,
    };
  });
}

// A page token can be read. The place of an item in the whole change would tell how much the change did to what is
// not of the group: within a group an item goes by its name.

function nameOf({ group }: GetChangeInput, { kind, key, seq }: LoggedItem): string {
  return group === "" ? seq.toString() : `${kind} ${key}`;
}

async function placeOf(db: Db, { group, revision }: GetChangeInput, name: string): Promise<number> {
  if (group === "") return Number(name);
  const space = name.indexOf(" ");
  const place = await readItemPlace(db, revision, name.slice(0, space), name.slice(space + 1));
  // A person was erased meanwhile, or the items are kept no more.
  if (place === undefined) throw pageTokenInvalid();
  return place;
}

/** Checks the revision of a change. Fails with INVALID_FIELD. */
export function checkRevision(revision: bigint): void {
  if (revision <= 0n) throw invalidField("revision", "must be the revision of a change, from 1");
}

/** NOT_FOUND: for those only who may read the whole log. */
export function noSuchChange(revision: bigint): DomainError {
  const name = revision.toString();
  return new DomainError("NOT_FOUND", `there is no change of revision ${name}`, {
    kind: "change",
    name,
  });
}
