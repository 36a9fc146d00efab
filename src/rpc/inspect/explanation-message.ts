import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  BindingSource,
  Grant,
  GrantChange,
  StepResult,
} from "../../engine/inspect/explanation.ts";
import type {
  ReadableExplanation,
  ReadableMembership,
  ReadableStep,
  ReadableWitness,
} from "../../engine/inspect/redact.ts";
import {
  Step_Kind,
  Step_Result,
  type BindingSourceSchema,
  type ChangeSchema,
  type ExplanationSchema,
  type GrantSchema,
  type MembershipSchema,
  type StepSchema,
  type WitnessSchema,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { settingNames } from "./setting-names.ts";

const kinds: Readonly<Record<ReadableStep["kind"], Step_Kind>> = {
  submitter: Step_Kind.SUBMITTER,
  server: Step_Kind.SERVER,
  realm: Step_Kind.REALM,
  pool: Step_Kind.POOL,
};

const results: Readonly<Record<StepResult, Step_Result>> = {
  permitted: Step_Result.PERMITTED,
  not_submitter: Step_Result.NOT_SUBMITTER,
  no_server_level: Step_Result.NO_SERVER_LEVEL,
  not_in_groups: Step_Result.NOT_IN_GROUPS,
  undeclared_permission: Step_Result.UNDECLARED_PERMISSION,
  unknown_pool: Step_Result.UNKNOWN_POOL,
  undefined_realm: Step_Result.UNDEFINED_REALM,
  not_bound: Step_Result.NOT_BOUND,
  not_a_principal: Step_Result.NOT_A_PRINCIPAL,
  conditional: Step_Result.CONDITIONAL,
};

/** An explanation as a message. */
export function toExplanation(
  explanation: ReadableExplanation,
): MessageInitShape<typeof ExplanationSchema> {
  const { revision, steps, grants, redacted } = explanation;
  return { revision, steps: steps.map(toStep), grants: grants.map(toGrant), redacted };
}

function toStep(step: ReadableStep): MessageInitShape<typeof StepSchema> {
  const { permission, pool, realm, answeringRealm, groups, witness } = step;
  return {
    kind: kinds[step.kind],
    result: results[step.result],
    permission,
    pool,
    realm,
    answeringRealm,
    groups: [...groups],
    ...(witness !== undefined && { witness: toWitness(witness) }),
  };
}

/** The proof of a yes, as the contract has it. */
export function toWitness(witness: ReadableWitness): MessageInitShape<typeof WitnessSchema> {
  const { memberships, settings, binding } = witness;
  return {
    memberships: memberships.map(toMembership),
    settings: settings.map((setting) => settingNames[setting]),
    ...(binding !== undefined && { binding: toBindingSource(binding) }),
  };
}

function toMembership({
  group,
  reason,
  source,
}: ReadableMembership): MessageInitShape<typeof MembershipSchema> {
  return { group, source, ...(reason !== undefined && { reason: toReason(reason) }) };
}

function toReason(
  reason: NonNullable<ReadableMembership["reason"]>,
): NonNullable<MessageInitShape<typeof MembershipSchema>["reason"]> {
  switch (reason.kind) {
    case "member":
      return { case: "member", value: reason.member };
    case "glob":
      return { case: "glob", value: reason.glob };
    default:
      return { case: "nested", value: reason.nested };
  }
}

function toBindingSource(binding: BindingSource): MessageInitShape<typeof BindingSourceSchema> {
  const { realm, inheritance, role, rolePath, principal, source } = binding;
  return {
    realm,
    inheritance: [...inheritance],
    role,
    rolePath: [...rolePath],
    principal,
    source,
  };
}

function toGrant({ changes, size }: Grant): MessageInitShape<typeof GrantSchema> {
  return { changes: changes.map(toChange), size: BigInt(size) };
}

function toChange(change: GrantChange): MessageInitShape<typeof ChangeSchema> {
  if (change.kind === "add_member") {
    const { group, member } = change;
    return { change: { case: "addMember", value: { group, member } } };
  }
  const { realm, role, principal, createRealm, createRoleWith } = change;
  return {
    change: {
      case: "bind",
      value: { realm, role, principal, createRealm, createRoleWith: [...createRoleWith] },
    },
  };
}
