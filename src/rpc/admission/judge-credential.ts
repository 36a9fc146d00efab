import type { CredentialArea } from "../../credentials/area.ts";
import type { Identifier, Inquiry } from "../../credentials/identifier.ts";
import type { Verdict } from "../../credentials/verdict.ts";
import { reportPermission, taskUseAt } from "../../domain/credential/gates.ts";
import { networkOf } from "../../domain/network.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { sourceOf, type Call } from "../call.ts";
import type { RpcDeps } from "../deps.ts";
import type { JudgedCredential, ShownCredential } from "./authorization.ts";
import { requirementOf, type Requirement } from "./method-table.ts";

/** What judging needs of the floor. */
export type JudgeDeps = Pick<RpcDeps, "replica" | "credentials">;

/** The service for which a credential must be good that a peer of ours shows. */
export const ownAudience = "fleetgate";

/**
 * Finds out whose the credential of a bot, a task or a runner is that the peer of a call shows, and notes it in the call; undefined when that
 * took no time. A kind that the method does not accept is not looked up.
 */
export function resolveCredential(
  deps: JudgeDeps,
  call: Call,
  shown: ShownCredential,
): Promise<void> | undefined {
  const { credentials: area, replica } = deps;
  const requirement = requirementOf(call.method);
  const state = replica.current();
  if (area === undefined || state === undefined) return undefined;
  if (requirement?.accepts.has(shown.is) !== true) return undefined;
  const inquiry = inquiryOf(area, call, shown, requirement);
  const now = area.identifier.identifyNow(inquiry, state.snapshot);
  if (now !== undefined) {
    noteVerdict(area, call, shown, now);
    return undefined;
  }
  return area.identifier
    .identify(inquiry, () => replica.current()?.snapshot)
    .then((verdict) => {
      noteVerdict(area, call, shown, verdict);
    });
}

/**
 * Finds out again whose a credential is that was judged before, by the database where memory does not tell: for streams, whose peer is
 * looked at again and again. Undefined when it took no time.
 */
export function resolveAgain(deps: JudgeDeps, call: Call): Promise<void> | undefined {
  const { bearer } = call.proof;
  return bearer.kind === "judged" ? resolveCredential(deps, call, bearer.shown) : undefined;
}

/**
 * Judges again what was judged before the body came: it may have taken its time. From memory alone; where that does not tell, the
 * verdict before goes on as long as any verdict may, and then nobody can tell.
 */
export function judgeAgain(deps: JudgeDeps, call: Call, snapshot: Snapshot | undefined): void {
  const { bearer } = call.proof;
  const requirement = requirementOf(call.method);
  if (bearer.kind !== "judged" || requirement === undefined || snapshot === undefined) return;
  const { credentials: area } = deps;
  if (area === undefined) return;
  const inquiry = inquiryOf(area, call, bearer.shown, requirement);
  const verdict = area.identifier.identifyNow(inquiry, snapshot);
  if (verdict !== undefined) {
    noteVerdict(area, call, bearer.shown, verdict);
    if (verdict.kind !== "good") keepBooks(deps, call);
  } else if (!isStillGood(bearer, area.identifier)) {
    noteVerdict(area, call, bearer.shown, { kind: "unavailable", cause: "the verdict is too old" });
  }
}

/**
 * Tells what became of a credential of a bot, a task or a runner that a peer showed, once its call was admitted or refused; and of what might
 * have been one, if its headers were in order.
 */
export function keepBooks({ credentials: area }: JudgeDeps, call: Call): void {
  const { bearer } = call.proof;
  const requirement = requirementOf(call.method);
  // Where anybody may call nobody looks at what is shown: nothing was refused.
  if (area === undefined || requirement?.kind === "public") return;
  if (bearer.kind === "judged") {
    // What was let in for its command to judge is told by that, once it is decided.
    if (bearer.verdict.kind === "good" && requirement?.usedToo === true) return;
    noteInBooks(area, call, bearer.shown, bearer.verdict);
  } else if (bearer.kind === "credential") {
    const isAccepted = requirement?.accepts.has(bearer.is) === true;
    if (!isAccepted) noteInBooks(area, call, bearer, wrongKind);
  } else if (bearer.kind === "malformed") {
    const { why } = bearer;
    noteInBooks(area, call, nothing, { kind: "refused", why, record: undefined });
  }
}

function noteInBooks(
  { bookkeeping, identifier }: CredentialArea,
  call: Call,
  shown: Pick<ShownCredential, "id">,
  verdict: Verdict,
): void {
  if (verdict.kind === "good") {
    const { peer, requestId } = call;
    const by = { caller: peer?.identity ?? "", source: sourceOf(call), requestId };
    bookkeeping.used(verdict, identifier.databaseNow(), by);
  } else {
    bookkeeping.denied({ verdict, credentialId: shown.id, source: sourceOf(call), caller: "" });
  }
}

const nothing = { id: undefined };
const wrongKind = { kind: "refused", why: "wrong_kind", record: undefined } as const;

function inquiryOf(
  { gates }: CredentialArea,
  call: Call,
  { token, is }: ShownCredential,
  requirement: Requirement,
): Inquiry {
  const { accepts, reporting, usedToo } = requirement;
  return {
    token,
    accepts,
    audience: ownAudience,
    // With it, also the token of a task that has ended is good, for reporting. Hosts need no such permission of their own.
    wantPermission: reporting === "admitted" && is === "task" ? reportPermission : undefined,
    targetSubject: undefined,
    usedToo,
    lostAnswerMs: usedToo ? gates.lostAnswerMs() : undefined,
    freshness: "bounded",
    source: networkOf(sourceOf(call)),
  };
}

function noteVerdict(
  { identifier }: CredentialArea,
  call: Call,
  shown: ShownCredential,
  verdict: Verdict,
): void {
  const judgedAt = identifier.databaseNow();
  call.proof = { ...call.proof, bearer: { kind: "judged", shown, verdict, judgedAt } };
}

// As long as a record may be used that nothing confirms (design §8).
const maxVerdictMs = 2000;

function isStillGood(
  { verdict, judgedAt }: JudgedCredential,
  identifier: Pick<Identifier, "databaseNow" | "standing">,
): boolean {
  const now = identifier.databaseNow();
  if (verdict.kind !== "good" || now - judgedAt >= maxVerdictMs) return false;
  const { record, use } = verdict;
  const { subject } = record;
  if (now >= record.expiresAt) return false;
  if (identifier.standing(subject.uid, subject.version) === "ended") return false;
  return subject.kind !== "task" || taskUseAt(subject, now) === use;
}
