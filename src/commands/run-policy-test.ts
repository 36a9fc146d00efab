import type { Claim, PolicyTest, TestPlace } from "../config/policy-tests/policy-test.ts";
import { foldIdentity, type Identity } from "../domain/identity.ts";
import { actAsPermission, createInRealmPermission } from "../domain/permissions.ts";
import { quote } from "../domain/quote.ts";
import { checkBotPerm } from "../engine/checker/check-bot-perm.ts";
import { checkPoolPerm } from "../engine/checker/check-pool-perm.ts";
import { checkServerPerm } from "../engine/checker/check-server-perm.ts";
import { checkTaskPerm } from "../engine/checker/check-task-perm.ts";
import { deny, permitted, type Decision } from "../engine/decision.ts";
import { explainCheck } from "../engine/inspect/explain.ts";
import type { Explanation } from "../engine/inspect/explanation.ts";
import type { Inspection } from "../engine/inspect/inspection.ts";
import { listPrincipals } from "../engine/inspect/list-principals.ts";
import type { PermittedPrincipal } from "../engine/inspect/listings.ts";
import type { CheckQuestion } from "../engine/inspect/question.ts";
import type { Snapshot } from "../engine/snapshot.ts";

/** What one case came to. */
export interface CaseResult {
  readonly test: PolicyTest;
  /** Whose permission was checked; "" of a count. */
  readonly identity: string;
  /** Who or what, which permission and where. */
  readonly about: string;
  readonly passed: boolean;
  readonly expected: string;
  readonly actual: string;
  /** What the check told, or of a count some of those who were counted; "" when that is nothing. */
  readonly detail: string;
  /** Of a failed case, where there is one. */
  readonly explanation: Explanation | undefined;
}

/** Runs every case of a test: each permission in each place, for each identity. */
export function runCases(inspection: Inspection, test: PolicyTest): readonly CaseResult[] {
  const { claim } = test;
  return test.places.flatMap((place) =>
    test.permissions.flatMap((permission) =>
      claim.kind === "count"
        ? [runCount(inspection, test, claim, permission, place)]
        : claim.identities.map((identity) =>
            runDecision(inspection, test, claim, permission, place, identity),
          ),
    ),
  );
}

function runDecision(
  inspection: Inspection,
  test: PolicyTest,
  claim: Claim & { readonly kind: "decision" },
  permission: string,
  place: TestPlace,
  identity: Identity,
): CaseResult {
  const decision = decide(inspection.snapshot, identity, permission, place);
  const actual = decision.permitted ? "allowed" : "denied";
  const passed = actual === claim.expect;
  return {
    test,
    identity,
    about: `${identity} ${permission} ${describePlace(place)}`,
    passed,
    expected: claim.expect,
    actual,
    detail: decision.permitted ? "" : decision.denial.message,
    explanation: passed ? undefined : explain(inspection, identity, permission, place),
  };
}

function decide(
  snapshot: Snapshot,
  identity: Identity,
  permission: string,
  place: TestPlace,
): Decision {
  switch (place.kind) {
    case "server":
      return checkServerPerm(snapshot, identity, permission);
    case "pool":
      return checkPoolPerm(snapshot, identity, permission, place.pool);
    case "task":
      return checkTaskPerm(snapshot, identity, permission, place.task);
    case "bot":
      return checkBotPerm(snapshot, identity, permission, place.botId);
    default:
      return snapshot.authDb.hasPermission(identity, permission, place.realm)
        ? permitted
        : deny(identity, permission, () => `in realm ${quote(place.realm)}`);
  }
}

function explain(
  inspection: Inspection,
  identity: Identity,
  permission: string,
  place: TestPlace,
): Explanation | undefined {
  const question = toQuestion(identity, permission, place);
  return question && explainCheck(inspection, identity, question);
}

/** The question of AclService that a case is; undefined: AclService asks about two permissions in realms only. */
function toQuestion(
  identity: Identity,
  permission: string,
  place: TestPlace,
): CheckQuestion | undefined {
  switch (place.kind) {
    case "server":
      return { check: "server", permission };
    case "pool":
      return { check: "pool", permission, pool: place.pool };
    case "task":
      return { check: "task", permission, task: place.task };
    case "bot":
      return { check: "bot", permission, botId: place.botId };
    default: {
      const { realm } = place;
      if (permission === createInRealmPermission) return { check: "create_in_realm", realm };
      if (permission !== actAsPermission || !identity.startsWith("user:")) return undefined;
      return { check: "act_as", serviceAccount: identity.slice("user:".length), realm };
    }
  }
}

const shownPrincipals = 10;

function runCount(
  inspection: Inspection,
  test: PolicyTest,
  claim: Claim & { readonly kind: "count" },
  permission: string,
  place: TestPlace,
): CaseResult {
  const { of, least, most } = claim;
  const names = namesOf(listPrincipals(inspection, permission, place), of);
  const shown = names.slice(0, shownPrincipals).join(", ");
  const more = names.length - shownPrincipals;
  return {
    test,
    identity: "",
    about: `${of} with ${permission} ${describePlace(place)}`,
    passed: names.length >= least && (most === undefined || names.length <= most),
    expected: describeBounds(least, most),
    actual: String(names.length),
    detail: more > 0 ? `${shown} and ${more} more` : shown,
    explanation: undefined,
  };
}

/** The distinct principals of a kind. The submitter is an identity, unless it is listed as one already. */
function namesOf(
  principals: readonly PermittedPrincipal[],
  of: (Claim & { readonly kind: "count" })["of"],
): readonly string[] {
  if (of !== "identities") {
    return principals.filter(({ kind }) => `${kind}s` === of).map(({ name }) => name);
  }
  const identities = principals
    .filter(({ kind }) => kind === "identity" || kind === "submitter")
    .map(({ name }) => foldIdentity(name as Identity));
  return [...new Set(identities)];
}

function describeBounds(least: number, most: number | undefined): string {
  if (least === most) return `exactly ${least}`;
  if (most === undefined) return `at least ${least}`;
  return least === 0 ? `at most ${most}` : `${least} to ${most}`;
}

function describePlace(place: TestPlace): string {
  switch (place.kind) {
    case "server":
      return "at the server level";
    case "pool":
      return `in pool ${quote(place.pool)}`;
    case "realm":
      return `in realm ${quote(place.realm)}`;
    case "bot":
      return `on bot ${quote(place.botId)}`;
    default: {
      const { realm, pool, botId, submitter } = place.task;
      const claims = Object.entries({ realm, pool, bot: botId, submitter })
        .filter(([, value]) => value !== "")
        .map(([name, value]) => `${name} ${quote(value)}`);
      return `on a task of ${claims.join(", ") || "nobody"}`;
    }
  }
}
