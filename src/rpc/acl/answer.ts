import { DomainError, invalidField } from "../../domain/errors.ts";
import { foldIdentity, identityRule, parseIdentity, type Identity } from "../../domain/identity.ts";
import { withoutStack } from "../../domain/without-stack.ts";
import type { Decision } from "../../engine/decision.ts";
import { isDelegated, isTask, mayAskOnBehalf, type Question } from "../../engine/delegation.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { sourceOf, type Call } from "../call.ts";
import { toAclFailure, type Failure } from "../errors.ts";
import { ceilingOf, type Ceiling } from "./ceiling.ts";
import type { AclCheck, CallerText, Kept } from "./check.ts";
import type { Settled } from "./consistency.ts";
import { createProver, type Prove } from "./prove-caller.ts";

/** What one check came to. */
export interface Answer {
  /** Undefined: permitted. */
  readonly failure: Failure | undefined;
  /** The pools that a filter keeps; empty for all other checks. */
  readonly pools: readonly string[];
}

/** What all checks of a call are answered from. */
export interface AnswerContext {
  readonly peer: Identity;
  readonly snapshot: Snapshot;
  /** What the peer may ask is judged on this one: the newest, also when an earlier one answers. */
  readonly current: Snapshot;
  /** What the peer may use at most; undefined: whatever it has. */
  readonly ceiling?: Ceiling | undefined;
  /** Reads what a peer shows to prove who its caller is; undefined: nothing proves it. */
  readonly prove?: Prove | undefined;
}

/** What the checks of a call are answered from that has settled on its state. */
export function answerContext(
  { peer, state, current, area }: Settled,
  call: Pick<Call, "connection">,
): AnswerContext {
  return {
    peer: peer.identity,
    snapshot: state.snapshot,
    current: current.snapshot,
    ceiling: ceilingOf(peer),
    prove: area === undefined ? undefined : createProver(area, peer.identity, () => sourceOf(call)),
  };
}

/**
 * Answers one check of an admitted call, in this order: syntax of the caller, on-behalf rule, other syntax
 * (`problem` first, which says what is wrong with the request's consistency), the check. Never throws: what
 * goes wrong in a check means that it could not be made.
 */
export function answerCheck<Request>(
  check: AclCheck<Request>,
  request: Request,
  context: AnswerContext,
  problem: DomainError | undefined,
): Answer {
  try {
    return toAnswer(decideCheck(check, request, context, problem).decision);
  } catch (error) {
    return { failure: toAclFailure(error), pools: [] };
  }
}

/** What a decision is as an answer. */
export function toAnswer(decision: Decision | Kept): Answer {
  return decision.permitted
    ? { failure: undefined, pools: "pools" in decision ? decision.pools : [] }
    : { failure: { reason: "PERMISSION_DENIED", ...decision.denial }, pools: [] };
}

/** A decision, and about whom it is. */
export interface Decided<Outcome = Decision | Kept> {
  readonly caller: Identity;
  readonly decision: Outcome;
}

/**
 * Decides one check of an admitted call, in the order of answerCheck. Throws what keeps it from being made.
 * `mayAsk` says about which callers other than itself the peer may ask, but for tasks, about which nobody may without proof
 * and a delegation.
 */
export function decideCheck<Request, Outcome>(
  check: AclCheck<Request, Outcome>,
  request: Request,
  context: AnswerContext,
  problem: DomainError | undefined,
  mayAsk: typeof mayAskOnBehalf = mayAskOnBehalf,
): Decided<Outcome> {
  const { peer, snapshot, ceiling } = context;
  const caller = callerOf(check.caller(request), peer);
  const assertion = check.assertion(request);
  if (caller !== peer || assertion !== "") {
    if (!mayBeAsked(context, caller, assertion, () => check.question(request), mayAsk)) {
      throw onBehalfOfForbidden();
    }
  }
  if (problem !== undefined) throw problem;
  check.validate(request);
  const decision = check.decide(snapshot, caller, request);
  const isBeyond = ceiling !== undefined && !ceiling(check.permission(request));
  return { caller, decision: isBeyond ? check.denied(caller, request) : decision };
}

// A proof that is shown must be good and the caller's, whoever that is: else it was meant for somebody else.
function mayBeAsked(
  { peer, current, ceiling, prove }: AnswerContext,
  caller: Identity,
  assertion: string,
  questionOf: () => Question,
  mayAsk: typeof mayAskOnBehalf,
): boolean {
  const proven = assertion === "" ? undefined : prove?.(assertion, caller);
  if (assertion !== "" && proven === undefined) return false;
  if (caller === peer) return true;
  const question = questionOf();
  if (ceiling?.(question.permission) === false) return false;
  if (!isTask(caller)) return mayAsk(current, peer, caller, question);
  return (
    proven?.permissions.has(question.permission) === true &&
    isDelegated(current, peer, caller, question)
  );
}

function onBehalfOfForbidden(): DomainError {
  const why = "no delegation covers the question, or the caller is not proven";
  return withoutStack(() => new DomainError("ON_BEHALF_OF_FORBIDDEN", why));
}

// A caller that is the peer but for the case of its letters is the peer, and is checked under the name that
// its credential proves: globs and submitters compare exactly, and nobody chooses how it is spelt there.
function callerOf({ field, identity }: CallerText, peer: Identity): Identity {
  if (identity === "") return peer;
  const caller = parseIdentity(identity);
  if (caller === undefined) throw invalidField(field, ruleOf(field));
  return isSame(caller, peer) ? peer : caller;
}

function isSame(caller: Identity, peer: Identity): boolean {
  if (caller === peer) return true;
  // Identities are ASCII, so folding leaves the length as it is.
  return caller.length === peer.length && foldIdentity(caller) === foldIdentity(peer);
}

function ruleOf(field: CallerText["field"]): string {
  return field === "caller"
    ? `${identityRule}; empty for the peer itself`
    : "must be an e-mail address, the value of a user: identity";
}
