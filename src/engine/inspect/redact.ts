import type { Explanation, Membership, Step, Witness } from "./explanation.ts";
import type { CheckQuestion } from "./question.ts";
import type { Reading } from "./reading.ts";
import type { CountTold } from "./steps.ts";

/** An explanation as somebody may read it. */
export interface ReadableExplanation extends Pick<Explanation, "revision" | "grants"> {
  readonly steps: readonly ReadableStep[];
  /** Whether anything is left out. */
  readonly redacted: boolean;
}

/** A step as somebody may read it. */
export interface ReadableStep extends Omit<Step, "witness"> {
  readonly witness: ReadableWitness | undefined;
}

/** A witness as somebody may read it. */
export interface ReadableWitness extends Omit<Witness, "memberships"> {
  readonly memberships: readonly ReadableMembership[];
}

/** A membership; group "" without a reason stands for one or several that may not be read. */
export interface ReadableMembership extends Omit<Membership, "reason"> {
  readonly reason: Membership["reason"] | undefined;
}

const hidden: ReadableMembership = { group: "", reason: undefined, source: "" };

/**
 * What of an explanation may be read (docs/semantics.md §12); undefined: none of it, and then the check's
 * own answer is all that may be told. Who is no reader gets nothing of a denial. Of an allow it gets the
 * steps that decided it, and of these only the memberships of its own groups; how many others lie
 * between them is not told. Of places only a pool or a realm stays that the question itself named, and
 * not whether that realm is defined nor in which realm that pool is.
 */
export function redactExplanation(
  explanation: Explanation,
  question: CheckQuestion,
  reading: Reading,
): ReadableExplanation | undefined {
  if (reading.kind === "everything") {
    const { revision, steps, grants } = explanation;
    return { revision, steps, grants, redacted: false };
  }
  if (reading.kind === "nothing" || !explanation.decision.permitted) return undefined;
  const namedPools = poolsNamed(question);
  const steps: ReadableStep[] = [];
  for (const step of explanation.steps) {
    const memberships = redactMemberships(step.witness?.memberships ?? [], reading.mayRead);
    if (memberships.length === 0) continue;
    steps.push({
      kind: step.kind,
      result: step.result,
      permission: step.permission,
      pool: namedPools.has(step.pool) ? step.pool : "",
      realm: step.kind === "realm" ? step.realm : "",
      answeringRealm: "",
      groups: [],
      witness: { memberships, settings: [], binding: undefined },
    });
  }
  if (steps.length === 0) return undefined;
  return { revision: explanation.revision, steps, grants: [], redacted: true };
}

/** Makes the function that counts how many memberships of a witness redactExplanation leaves. */
export function countReadable(reading: Reading): CountTold {
  if (reading.kind === "everything") return (memberships) => memberships.length;
  if (reading.kind === "nothing") return () => 0;
  return (memberships) => redactMemberships(memberships, reading.mayRead).length;
}

/** The memberships with those that may not be read collapsed; [] when none may be read. */
function redactMemberships(
  memberships: readonly Membership[],
  mayRead: (group: string) => boolean,
): readonly ReadableMembership[] {
  const readable: ReadableMembership[] = [];
  for (const membership of memberships) {
    if (mayRead(membership.group)) readable.push(redactReason(membership, mayRead));
    else if (readable.at(-1) !== hidden) readable.push(hidden);
  }
  return readable.every((membership) => membership === hidden) ? [] : readable;
}

function redactReason(
  membership: Membership,
  mayRead: (group: string) => boolean,
): ReadableMembership {
  const { reason } = membership;
  if (reason.kind !== "nested" || mayRead(reason.nested)) return membership;
  return { ...membership, reason: { kind: "nested", nested: "" } };
}

function poolsNamed(question: CheckQuestion): ReadonlySet<string> {
  switch (question.check) {
    case "pool":
      return new Set([question.pool]);
    case "all_pools":
    case "any_pools":
    case "filter_pools":
      return new Set(question.pools);
    case "task":
      return new Set([question.task.pool]);
    default:
      return new Set();
  }
}
