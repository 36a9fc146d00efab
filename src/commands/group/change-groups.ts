import { DomainError, invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { mayReadAllGroups } from "../../engine/group-rights.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { recallRequest, type RequestMeta } from "../../storage/request-log.ts";
import { inReadTransaction } from "../../storage/transaction.ts";
import { freshState, usableState, type CommandDeps } from "../deps.ts";
import type { Guards } from "../guards.ts";
import { checkRequestId } from "../input.ts";
import { planChange, type ChangeOutcome, type PlannedChange } from "../plan-change.ts";

/** What every write of groups says beside what to change. */
export interface WriteInput {
  readonly validateOnly: boolean;
  readonly requestId: string;
  readonly reason: string;
  /** As they were sent: counts may be negative. */
  readonly guards: Guards;
}

/** A write of groups in its three steps: the right to it, the syntax, the state. */
export interface GroupWrite<Read, Found> {
  readonly author: Identity;
  readonly input: WriteInput;
  /** Computed only when the request has an id. */
  readonly requestHash: () => string;
  /** Throws unless the author may do it in this state. */
  readonly authorise: (state: ReplicaState) => void;
  /** Reads what the request holds. Throws INVALID_FIELD and GROUP_PROTECTED; no state plays a part. */
  readonly read: () => Read;
  readonly plan: (state: ReplicaState, read: Read) => PlannedChange<Found>;
}

/**
 * Carries out a write of groups. Whoever may not make it never waits for, or holds up, other writers; but a repeat is
 * answered as the first, also when that took the right away. Fails as planChange does, and with what the steps throw.
 */
export async function changeGroups<Read, Found>(
  deps: CommandDeps,
  write: GroupWrite<Read, Found>,
): Promise<ChangeOutcome<Found>> {
  const { author, input, authorise, plan } = write;
  const state = input.validateOnly ? await freshState(deps) : usableState(deps);
  await authoriseNow(deps, state, write);
  const read = write.read();
  checkCounts(input.guards);
  checkRequestId(input.requestId);
  const effects = input.validateOnly && mayReadAllGroups(state.snapshot, author) ? "all" : "none";
  return planChange(deps, { ...input, ...metaOf(write), author, effects }, (newest) => {
    authorise(newest);
    return plan(newest, read);
  });
}

function checkCounts({ maxGained = 0, maxLost = 0 }: Guards): void {
  if (maxGained < 0) throw invalidField("guards.max_gained", "must not be negative");
  if (maxLost < 0) throw invalidField("guards.max_lost", "must not be negative");
}

// The hash costs what the request holds: it is not computed for whoever may not write.
function metaOf<Read, Found>({ author, input, requestHash }: GroupWrite<Read, Found>): RequestMeta {
  const { requestId } = input;
  return { author, requestId, requestHash: requestId === "" ? "" : requestHash() };
}

/** A refusal is not made on a state that may be behind. */
async function authoriseNow<Read, Found>(
  deps: CommandDeps,
  state: ReplicaState,
  write: GroupWrite<Read, Found>,
): Promise<void> {
  const { authorise, input } = write;
  try {
    authorise(state);
  } catch (refused) {
    if (input.validateOnly || !(refused instanceof DomainError)) throw refused;
    const newest = await freshState(deps);
    if (newest.revision === state.revision || isRefused(newest, authorise)) {
      if (!(await isRepeat(deps, write))) throw refused;
    }
  }
}

async function isRepeat<Read, Found>(
  { storage }: CommandDeps,
  write: GroupWrite<Read, Found>,
): Promise<boolean> {
  // What is no request id was never recorded, and storage is not asked about it.
  if (!isRequestId(write.input.requestId)) return false;
  return inReadTransaction(storage, async (tx) => {
    return (await recallRequest(tx, metaOf(write))) !== undefined;
  });
}

function isRequestId(text: string): boolean {
  try {
    checkRequestId(text);
    return text !== "";
  } catch {
    return false;
  }
}

function isRefused(state: ReplicaState, authorise: (state: ReplicaState) => void): boolean {
  try {
    authorise(state);
    return false;
  } catch {
    return true;
  }
}
