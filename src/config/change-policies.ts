import { sortByName } from "../domain/bytewise.ts";
import type { EntityChange } from "../domain/entity.ts";
import { defaultSettings } from "../domain/model.ts";
import { emptyPolicy, type Policy } from "../domain/policy.ts";
import { finish, type Steps } from "../domain/steps.ts";
import { toEntities } from "./entities.ts";
import {
  createPolicyDraft,
  policyFromEntities,
  type PolicyDraft,
  type PolicyKind,
} from "./from-entities.ts";
import { partOfNone, partOfProject, projectOf } from "./policy-part.ts";

/** A change of one entity of a policy, and the source that manages the entity. */
export interface PolicyChange {
  readonly change: Extract<EntityChange, { kind: PolicyKind }>;
  readonly source: string;
}

/** Whether a change is one of an entity that belongs to a policy. */
export function isPolicyChange(change: EntityChange): change is PolicyChange["change"] {
  return policyKinds.has(change.kind);
}

/**
 * The policies after some changes, each in canonical form. Costs what the changes touch: policies, projects, realms and
 * lists without changes are the same objects. Throws when a change does not fit: what it creates is there, or
 * what it changes is not.
 */
export function changePolicies(
  policies: ReadonlyMap<string, Policy>,
  changes: readonly PolicyChange[],
): ReadonlyMap<string, Policy> {
  return finish(changePoliciesInSteps(policies, changes));
}

/** The same, project by project. */
export function* changePoliciesInSteps(
  policies: ReadonlyMap<string, Policy>,
  changes: readonly PolicyChange[],
): Steps<ReadonlyMap<string, Policy>> {
  const bySource = Map.groupBy(changes, ({ source }) => source);
  const changed = new Map(policies);
  for (const [source, ofSource] of bySource) {
    const before = policies.get(source) ?? emptyPolicy;
    const ofPolicy = ofSource.map(({ change }) => change);
    changed.set(source, yield* changePolicy(before, ofPolicy));
  }
  return changed;
}

type Change = PolicyChange["change"];

function* changePolicy(before: Policy, changes: readonly Change[]): Steps<Policy> {
  const { none = [], some = [] } = Object.groupBy(changes, (change) =>
    projectOf(change) === undefined ? "none" : "some",
  );
  const part = partOfNone(before, none);
  const policy = part.put(changePart(part.touched, none));
  if (some.length === 0) return policy;
  const projects = new Map(before.projects.map((project) => [project.name, project]));
  for (const [name = "", ofProject] of Map.groupBy(some, projectOf)) {
    yield;
    const { touched, put } = partOfProject(projects.get(name), ofProject);
    const project = put(changePart(touched, ofProject));
    if (project === undefined) projects.delete(name);
    else projects.set(name, project);
  }
  return { ...policy, projects: sortByName(projects.values()) };
}

function changePart(part: Policy, changes: readonly Change[]): Policy {
  const draft = draftOf(part);
  for (const change of changes) apply(draft, change);
  return policyFromEntities(draft);
}

const policyKinds: ReadonlySet<string> = new Set(Object.keys(createPolicyDraft()));

function draftOf(policy: Policy): PolicyDraft {
  const draft = createPolicyDraft();
  for (const { kind, key, body } of toEntities({ ...policy, groups: [] })) {
    // A policy without groups has no entities of other kinds, and each body is of its kind.
    (draft[kind as PolicyKind] as Map<string, unknown>).set(key, body);
  }
  return draft;
}

function apply(draft: PolicyDraft, { kind, key, before, after }: Change): void {
  const entities = draft[kind] as Map<string, object>;
  const present = entities.get(key);
  if ((present === undefined) !== (before === undefined)) {
    throw new Error(`a change of ${kind} ${key} does not fit what is there`);
  }
  if (after === undefined) entities.delete(key);
  // The previous release writes bodies that lack the fields that are new: these stay as they are.
  else entities.set(key, { ...(present ?? defaultsOf(kind)), ...after });
}

function defaultsOf(kind: PolicyKind): object {
  if (kind !== "settings") return {};
  const { delegations: _delegations, ...body } = defaultSettings;
  return body;
}
