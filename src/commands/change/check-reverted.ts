import { toConfigMessage } from "../../config/to-message.ts";
import type { EntityChange } from "../../domain/entity.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { rootGroup } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import { isGroupChange } from "../../engine/group-graph.ts";
import { configurationOf } from "../../replica/configurations.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { neededGroups } from "../group/authorise.ts";
import { checkRootGroup, requireNoCycle } from "../group/group-rules.ts";
import { referredGroups, requireUnused } from "../group/referrers.ts";
import { planConfig } from "../plan-config.ts";
import { groupOfChange } from "./present-entities.ts";
import { ruleConflict } from "./revert-conflict.ts";

/** A change that undoes another one, between the states before and after it. */
export interface Reverted {
  /** The revision that is undone. */
  readonly revision: bigint;
  readonly source: string | undefined;
  readonly changes: readonly EntityChange[];
  readonly before: ReplicaState;
  readonly after: ReplicaState;
}

/**
 * Throws REVERT_CONFLICT, with the rule, unless the state after a revert is valid: what a source manages as Apply would
 * have it, groups that nobody manages as GroupService would.
 */
export function checkReverted(reverted: Reverted, author: Identity, now: Date): void {
  if (reverted.source !== undefined) checkSource(reverted, reverted.source, now);
  else checkGroups(reverted, author);
}

function checkSource({ revision, before, after }: Reverted, source: string, now: Date): void {
  const configuration = configurationOf(after, source);
  if (configuration === undefined) return;
  const file = { path: "", config: toConfigMessage(configuration) };
  const { problems } = planConfig(before, source, [file], now);
  const error = problems.find(({ severity }) => severity === "error");
  if (error !== undefined) throw ruleConflict(revision, `${error.path}: ${error.message}`);
}

function checkGroups({ revision, changes, after }: Reverted, author: Identity): void {
  const names = new Set(changes.filter(isGroupChange).map(groupOfChange));
  const referred = referredGroups(after);
  try {
    for (const name of names) {
      if (after.snapshot.groups.entry(name) !== undefined) checkGroup(after, name, author);
      else checkGone(after, name, referred, author);
    }
  } catch (error) {
    if (!(error instanceof DomainError) || error.reason === "INTERNAL_FAULT") throw error;
    throw ruleConflict(revision, error.message);
  }
}

function checkGone(
  state: ReplicaState,
  name: string,
  referred: ReadonlySet<string>,
  author: Identity,
): void {
  if (neededGroups.has(name)) {
    throw new DomainError("GROUP_PROTECTED", `nobody may delete group ${quote(name)}`);
  }
  if (referred.has(name)) requireUnused(state, author, name);
}

function checkGroup(state: ReplicaState, name: string, author: Identity): void {
  const { snapshot } = state;
  const entry = snapshot.groups.entry(name);
  if (entry === undefined) return;
  const missing = [entry.owners, ...entry.nested].find(
    (other) => other !== rootGroup && snapshot.groups.entry(other) === undefined,
  );
  if (missing !== undefined) {
    const message = `group ${quote(name)} names group ${quote(missing)}, which does not exist`;
    throw new DomainError("REFERENCE_MISSING", message);
  }
  requireNoCycle(snapshot, author, name, entry.nested);
  checkRootGroup({ ...entry, memberCount: entry.members.size });
}
