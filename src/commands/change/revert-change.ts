import { countChanges, type KindCount } from "../../domain/count-changes.ts";
import type { EntityChange } from "../../domain/entity.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import type { Effects } from "../../engine/effects/effects.ts";
import { completeSettings } from "../../replica/complete-settings.ts";
import type { Db } from "../../storage/database.ts";
import { listChanges } from "../../storage/history/list-changes.ts";
import { oldestRebuildable } from "../../storage/history/oldest-rebuildable.ts";
import { readChange, readChangeItems } from "../../storage/history/read-change.ts";
import { inReadTransaction } from "../../storage/transaction.ts";
import type { CommandDeps } from "../deps.ts";
import type { Guards } from "../guards.ts";
import { requestHash } from "../input.ts";
import { planChange, transitionOf } from "../plan-change.ts";
import { checkReverted } from "./check-reverted.ts";
import { checkRevision, noSuchChange } from "./get-change.ts";
import { planRevert, type LoggedWhole } from "./plan-revert.ts";
import { changedBy } from "./revert-conflict.ts";

/** What to undo; see ChangeService.RevertChange. */
export interface RevertInput {
  readonly revision: bigint;
  readonly validateOnly: boolean;
  readonly requestId: string;
  readonly reason: string;
  readonly guards: Guards;
}

/** What an undoing came to. */
export interface RevertedChange {
  readonly revisionToken: string;
  readonly summary: readonly KindCount[];
  /** After validateOnly. */
  readonly effects: Effects | undefined;
}

/** The most items that a change may have that is to be undone: it is judged at one go. */
export const maxRevertItems = 1_000_000;

/**
 * Undoes one change by a new one, for a member of `administrators`. Fails with INVALID_FIELD, NOT_FOUND,
 * REVISION_NOT_RETAINED, REVERT_CONFLICT, LIMIT_EXCEEDED (`revert_items`), and as planChange does.
 */
export async function revertChange(
  deps: CommandDeps,
  author: Identity,
  input: RevertInput,
): Promise<RevertedChange> {
  const { revision, reason, requestId, validateOnly, guards } = input;
  checkRevision(revision);
  const change = await inReadTransaction(deps.storage, (tx) => readWhole(tx, revision));
  const request = { author, reason, requestId, requestHash: hashOf(input), validateOnly, guards };
  try {
    const outcome = await planChange(deps, { ...request, effects: "all" }, async (before) => {
      const { source } = change;
      const now = deps.clock();
      const changes = planRevert(before, change, now);
      const { after } = await transitionOf(before, { source, changes });
      checkReverted({ revision, source, changes, before, after }, author, now);
      return { source, changes, found: undefined };
    });
    const { revisionToken, changes, effects } = outcome;
    return { revisionToken, summary: countChanges(changes), effects };
  } catch (error) {
    throw await tellWho(deps, revision, error);
  }
}

const itemsABatch = 5_000;

async function readWhole(db: Db, revision: bigint): Promise<LoggedWhole> {
  const change = await readChange(db, revision);
  if (change === undefined) throw noSuchChange(revision);
  if (change.itemsPruned) throw notRetained(revision, (await oldestRebuildable(db)) + 1n);
  const count = change.summary.reduce(
    (sum, { created, updated, deleted }) => sum + created + updated + deleted,
    0,
  );
  if (count > maxRevertItems) throw tooLarge();
  const items: LoggedWhole["items"][number][] = [];
  for (let afterSeq = 0; ;) {
    const batch = await readChangeItems(db, revision, { afterSeq, limit: itemsABatch });
    for (const { kind, key, before, after, erased, seq } of batch) {
      const item = { kind, key, before, after } as EntityChange;
      items.push({ ...(await completed(db, revision, item)), erased });
      afterSeq = seq;
    }
    if (batch.length < itemsABatch) return { revision, source: change.source, items };
  }
}

function completed(
  db: Db,
  revision: bigint,
  item: EntityChange,
): Promise<EntityChange> | EntityChange {
  return item.kind === "settings" ? completeSettings(db, revision, item) : item;
}

/** Adds to a conflict about an entity which revision changed it since. */
async function tellWho(deps: CommandDeps, revision: bigint, error: unknown): Promise<unknown> {
  if (!(error instanceof DomainError) || error.reason !== "REVERT_CONFLICT") return error;
  const { kind = "", key = "", by = "" } = error.metadata;
  if (key === "" || by !== "") return error;
  const [last] = await inReadTransaction(deps.storage, (tx) => listChanges(tx, { kind, key }, 1));
  if (last === undefined || last.revision <= revision) return error;
  return changedBy(error, last.revision);
}

function notRetained(revision: bigint, oldest: bigint): DomainError {
  return new DomainError(
    "REVISION_NOT_RETAINED",
    `what revision ${revision} changed is kept no more; the oldest change that is kept is ${oldest}`,
    { revision: revision.toString(), oldest: oldest.toString() },
  );
}

function tooLarge(): DomainError {
  return new DomainError(
    "LIMIT_EXCEEDED",
    `a change of more than ${maxRevertItems} items cannot be undone at one go`,
    { limit: "revert_items" },
  );
}

function hashOf({ revision, reason, guards }: RevertInput): string {
  const { maxGained = null, maxLost = null, allowLockOut } = guards;
  const parts = [revision.toString(), reason, maxGained, maxLost, allowLockOut];
  return requestHash("ChangeService/RevertChange", parts);
}
