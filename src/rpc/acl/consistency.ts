import { Buffer } from "node:buffer";
import { ConnectError } from "@connectrpc/connect";
import { DomainError, invalidField } from "../../domain/errors.ts";
import type { Consistency } from "../../gen/fleetgate/acl/v1/consistency_pb.ts";
import { parseRevisionToken, type RevisionToken } from "../../replica/revision-token.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { admitAgain, type Admitted, type GateDeps } from "../admission/gate.ts";
import type { Call } from "../call.ts";
import type { RpcDeps } from "../deps.ts";

/** What settling on a snapshot needs of the floor. */
export type SettleDeps = GateDeps & {
  readonly options: Pick<RpcDeps["options"], "freshnessWaitMs">;
};

/** How fresh a snapshot must be. */
export type Freshness =
  | { readonly kind: "any" }
  | { readonly kind: "at_least"; readonly token: RevisionToken }
  | { readonly kind: "latest" }
  | { readonly kind: "malformed"; readonly problem: DomainError };

/** An admitted call with the snapshot that answers it. */
export interface Settled extends Admitted {
  /** What is wrong with the request's consistency; it comes after the syntax of the caller. */
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
    default:
      return { kind: "any" };
  }
}

/**
 * Settles on the one state that answers a call: the current one, or when the request asks for more, one that
 * is fresh enough, waiting for it at most as long as the options say. Whenever that is another state than
 * before, the call is admitted again on it. Fails with REVISION_TOKEN_FOREIGN, FRESHNESS_NOT_REACHED,
 * and as the gate does.
 */
export async function settle(
  deps: SettleDeps,
  call: Call,
  consistency: Consistency | undefined,
  signal: AbortSignal,
): Promise<Settled> {
  const freshness = readConsistency(consistency);
  const before = admitAgain(deps, call);
  if (freshness.kind === "any") return { ...before, problem: undefined };
  if (freshness.kind === "malformed") return { ...before, problem: freshness.problem };
  if (freshness.kind === "at_least") {
    refuseForeign(freshness.token, before.state);
    if (freshness.token.revision <= before.state.revision) return { ...before, problem: undefined };
  }
  await reach(deps, freshness, signal);
  const after = admitAgain(deps, call);
  if (freshness.kind === "at_least") refuseForeign(freshness.token, after.state);
  return { ...after, problem: undefined };
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
    // The call is over, by its deadline or because its sender went away.
    if (signal.aborted && signal.reason instanceof ConnectError) throw signal.reason;
    throw new DomainError("FRESHNESS_NOT_REACHED", "", {}, { cause });
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
