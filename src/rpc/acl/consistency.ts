import { Buffer } from "node:buffer";
import { DomainError, invalidField } from "../../domain/errors.ts";
import type { Consistency } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import { mayReadAllGroups } from "../../engine/group-rights.ts";
import { parseRevisionToken, type RevisionToken } from "../../replica/revision-token.ts";
import type { StateAtDeps } from "../../replica/state-at.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { admitAgain, type Admitted, type GateDeps } from "../admission/gate.ts";
import { wouldBeAdministrator } from "../admission/would-be-administrator.ts";
import type { Call } from "../call.ts";
import type { RpcDeps } from "../deps.ts";
import { findEarlierState, notReached } from "./earlier-state.ts";

/** What settling on a snapshot needs of the floor. */
export type SettleDeps = GateDeps & {
  readonly commands: StateAtDeps;
  readonly options: Pick<RpcDeps["options"], "freshnessWaitMs">;
};

/** How fresh a snapshot must be. */
export type Freshness =
  | { readonly kind: "any" }
  | { readonly kind: "at_least"; readonly token: RevisionToken }
  | { readonly kind: "latest" }
  | { readonly kind: "exact"; readonly revision: bigint }
  | { readonly kind: "malformed"; readonly problem: DomainError };

/** An admitted call with the state that answers it. */
export interface Settled extends Admitted {
  /** What the peer may ask and read is judged on this one: the newest, also when an earlier one answers. */
  readonly current: ReplicaState;
  /**
   * What is wrong with the request's consistency; it comes after the syntax of the caller and the on-behalf rule.
   * HISTORY_FORBIDDEN, whatever the revision, when the peer is no reader and asks about one.
   */
  readonly problem: DomainError | undefined;
}

/** Reads what a request says about freshness; it never throws. */
function readConsistency(consistency: Consistency | undefined): Freshness {
  const requirement = consistency?.requirement;
  switch (requirement?.case) {
    case "minimizeLatency":
      return requirement.value ? { kind: "any" } : mustBeTrue("minimize_latency");
    case "fullyConsistent":
      return requirement.value ? { kind: "latest" } : mustBeTrue("fully_consistent");
    case "atLeastAsFresh": {
      const token = parseRevisionToken(requirement.value);
      if (token !== undefined) return { kind: "at_least", token };
      const rule = "must be a revision token that this service gave";
      return malformed("at_least_as_fresh", rule);
    }
    case "atExactRevision":
      return requirement.value < 0n
        ? malformed("at_exact_revision", "must not be negative")
        : { kind: "exact", revision: requirement.value };
    default:
      return { kind: "any" };
  }
}

/**
 * Settles on the one state that answers a call: the current one, or when the request asks for more, one that
 * is fresh enough, waiting for it at most as long as the options say. Whenever that is another state than
 * before, the call is admitted again on it. A state at an exact revision is rebuilt, however long that takes, for a
 * peer that is a reader now. Fails with REVISION_TOKEN_FOREIGN, FRESHNESS_NOT_REACHED, and as the gate does.
 */
export async function settle(
  deps: SettleDeps,
  call: Call,
  consistency: Consistency | undefined,
  signal: AbortSignal,
): Promise<Settled> {
  const freshness = readConsistency(consistency);
  const before = admitAgain(deps, call);
  const answer = atOnce(freshness, before);
  if (answer.kind === "settled") return answer.settled;
  if (answer.kind === "rebuild") return settleAt(deps, call, answer.revision, signal);
  await reach(deps, answer.freshness, signal);
  const after = admitAgain(deps, call);
  if (answer.freshness.kind === "at_least") refuseForeign(answer.freshness.token, after.state);
  return settled(after);
}

/** The same without waiting; undefined when that is not possible. Then nothing has happened, and `settle` can do it. */
export function settleNow(
  deps: GateDeps,
  call: Call,
  consistency: Consistency | undefined,
): Settled | undefined {
  const before = admitAgain(deps, call);
  if (consistency === undefined) return settled(before);
  const answer = atOnce(readConsistency(consistency), before);
  return answer.kind === "settled" ? answer.settled : undefined;
}

/** What can be said of a wish for freshness from the state at hand. */
type AtOnce =
  | { readonly kind: "settled"; readonly settled: Settled }
  | { readonly kind: "rebuild"; readonly revision: bigint }
  | {
      readonly kind: "wait";
      readonly freshness: Extract<Freshness, { kind: "at_least" | "latest" }>;
    };

function atOnce(freshness: Freshness, before: Admitted): AtOnce {
  switch (freshness.kind) {
    case "any":
      return { kind: "settled", settled: settled(before) };
    case "malformed":
      return { kind: "settled", settled: settled(before, freshness.problem) };
    case "exact":
      // Nothing is looked up for others: they must not learn which revisions there are.
      return mayReadHistory(before)
        ? { kind: "rebuild", revision: freshness.revision }
        : { kind: "settled", settled: settled(before, historyForbidden()) };
    case "at_least":
      refuseForeign(freshness.token, before.state);
      return freshness.token.revision <= before.state.revision
        ? { kind: "settled", settled: settled(before) }
        : { kind: "wait", freshness };
    case "latest":
    default:
      return { kind: "wait", freshness };
  }
}

function settled(admitted: Admitted, problem?: DomainError): Settled {
  const { peer, state, area } = admitted;
  return { peer, state, current: state, problem, area };
}

async function settleAt(
  deps: SettleDeps,
  call: Call,
  revision: bigint,
  signal: AbortSignal,
): Promise<Settled> {
  const found = await findEarlierState(deps.commands, revision, signal);
  const after = admitAgain(deps, call);
  if (!mayReadHistory(after)) return settled(after, historyForbidden());
  if (found instanceof DomainError) return settled(after, found);
  call.revisionToken = found.revisionToken;
  const { peer, area } = after;
  return { peer, state: found, current: after.state, problem: undefined, area };
}

function mayReadHistory({ peer, state }: Admitted): boolean {
  const { snapshot } = state;
  return mayReadAllGroups(snapshot, peer.identity) && !wouldBeAdministrator(peer, snapshot);
}

function historyForbidden(): DomainError {
  return new DomainError("HISTORY_FORBIDDEN", "the peer is no reader");
}

async function reach(
  { replica, options: { freshnessWaitMs } }: SettleDeps,
  freshness: Extract<Freshness, { kind: "at_least" | "latest" }>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (freshness.kind === "latest") {
      await within(freshnessWaitMs, replica.refresh());
    } else {
      const { revision } = freshness.token;
      const reached = await replica.waitFor(revision, freshnessWaitMs, signal);
      if (reached === undefined) throw new Error(`revision ${revision} was not reached in time`);
    }
  } catch (cause) {
    throw notReached(cause, signal);
  }
}

/**
 * Has the replica see all that is committed now, within the time that the options say. Undefined: it does. Never rejects.
 */
export async function refreshInTime({
  replica,
  options: { freshnessWaitMs },
}: Pick<SettleDeps, "replica" | "options">): Promise<{ readonly cause: unknown } | undefined> {
  try {
    await within(freshnessWaitMs, replica.refresh());
    return undefined;
  } catch (cause) {
    return { cause };
  }
}

const noHash = new Uint8Array(8);

// Tokens older than the hashes that the state holds pass by their database alone.
function refuseForeign(
  { databaseId, revision, chainHash }: RevisionToken,
  state: ReplicaState,
): void {
  const known = revision === 0n ? noHash : state.recentHashes.get(revision);
  const foreign =
    databaseId !== state.databaseId ||
    (known !== undefined && Buffer.compare(chainHash, known.subarray(0, 8)) !== 0);
  if (foreign) throw new DomainError("REVISION_TOKEN_FOREIGN", "the token is foreign");
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`storage did not answer within ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function mustBeTrue(field: string): Freshness {
  return malformed(field, "must be true when it is set");
}

function malformed(field: string, rule: string): Freshness {
  return { kind: "malformed", problem: invalidField(`consistency.${field}`, rule) };
}
