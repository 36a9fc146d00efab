import { sortBytewise } from "../../domain/bytewise.ts";
import { DomainError } from "../../domain/errors.ts";
import { settingsThatGive } from "../server-level.ts";
import type { ExplainContext } from "./context.ts";
import { maxMemberships, type Membership, type Step, type Witness } from "./explanation.ts";
import type { Plan } from "./plan.ts";
import type { RealmAnswer } from "./realm-answer.ts";

type LookUp = (permission: string, realm: string) => RealmAnswer;

/** How many memberships of a witness are told. */
export type CountTold = (memberships: readonly Membership[]) => number;

/**
 * Takes the steps of a plan up to the one that decides. Throws LIMIT_EXCEEDED when their witnesses come to more
 * than maxMemberships of those that are told.
 */
export function takeSteps(
  context: ExplainContext,
  plan: Plan,
  lookUp: LookUp,
  countTold: CountTold,
): readonly Step[] {
  const steps: Step[] = [];
  let told = 0;
  /** Adds a step, and says whether it is a yes. */
  const take = (step: Step): boolean => {
    steps.push(step);
    told += countTold(step.witness?.memberships ?? []);
    if (told > maxMemberships) throw tooManyMemberships();
    return step.result === "permitted";
  };
  if (plan.submitter !== undefined && take(submitterStep(context, plan.submitter))) return steps;
  if (plan.server !== undefined && take(serverStep(context, plan.server))) return steps;
  if (plan.realm !== undefined) {
    const { permission, realm } = plan.realm;
    if (take({ ...emptyStep("realm", permission), realm, ...lookUp(permission, realm) })) {
      return steps;
    }
  }
  const { permission, names, need } = plan.pools;
  for (const pool of names) {
    const isYes = take(poolStep(context, permission, pool, lookUp));
    if ((need === "any" && isYes) || (need === "all" && !isYes)) return steps;
  }
  return steps;
}

function tooManyMemberships(): DomainError {
  return new DomainError(
    "LIMIT_EXCEEDED",
    `the explanation holds more than ${maxMemberships} memberships; ask about fewer pools`,
    { limit: "explanation_memberships" },
  );
}

/** What the steps that were taken come to: a filter is always permitted. */
export function outcomeOf(plan: Plan, steps: readonly Step[]): boolean {
  const isYes = ({ result }: Step): boolean => result === "permitted";
  if (steps.some((step) => step.kind !== "pool" && isYes(step))) return true;
  const pools = steps.filter((step) => step.kind === "pool");
  if (plan.pools.need === "each") return true;
  return plan.pools.need === "any" ? pools.some(isYes) : pools.every(isYes);
}

/** The pools that the steps of a filter leave; of any other check none. */
export function poolsLeft(plan: Plan, steps: readonly Step[]): readonly string[] {
  if (plan.pools.need !== "each") return [];
  const left = steps.filter(({ result }) => result === "permitted");
  if (left.some(({ kind }) => kind === "server")) return plan.pools.names;
  return left.map(({ pool }) => pool);
}

const itself: Witness = { memberships: [], settings: [], binding: undefined };

function emptyStep(kind: Step["kind"], permission: string): Omit<Step, "result"> {
  return {
    kind,
    permission,
    pool: "",
    realm: "",
    answeringRealm: "",
    groups: [],
    witness: undefined,
  };
}

function submitterStep(
  { caller }: ExplainContext,
  { permission, submitter }: { readonly permission: string; readonly submitter: string },
): Step {
  const step = emptyStep("submitter", permission);
  return submitter !== "" && submitter === caller
    ? { ...step, result: "permitted", witness: itself }
    : { ...step, result: "not_submitter" };
}

function serverStep(context: ExplainContext, permission: string): Step {
  const { snapshot, configuration } = context.inspection;
  const groups = sortBytewise(snapshot.fleet.serverGroups(permission));
  const step = { ...emptyStep("server", permission), groups };
  if (groups.length === 0) return { ...step, result: "no_server_level" };
  let nearest: { readonly group: string; readonly rank: number } | undefined;
  for (const group of groups) {
    const rank = context.rankOf(group);
    if (rank !== undefined && (nearest === undefined || rank < nearest.rank)) {
      nearest = { group, rank };
    }
  }
  if (nearest === undefined) return { ...step, result: "not_in_groups" };
  const witness = {
    memberships: context.membershipsTo(nearest.rank),
    settings: settingsThatGive(configuration.settings, permission, nearest.group),
    binding: undefined,
  };
  return { ...step, result: "permitted", witness };
}

function poolStep(context: ExplainContext, permission: string, pool: string, lookUp: LookUp): Step {
  const step = { ...emptyStep("pool", permission), pool };
  const realm = context.inspection.snapshot.fleet.realmOfPool(pool);
  if (realm === undefined) return { ...step, result: "unknown_pool" };
  return { ...step, realm, ...lookUp(permission, realm) };
}
