import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { globRule, parseGlob } from "../../domain/glob.ts";
import { identityRule, parseIdentity } from "../../domain/identity.ts";
import { groupName } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import type { GroupMembership, LookedUp } from "../../engine/inspect/listings.ts";
import { lookupPrincipal as lookUpInEngine } from "../../engine/inspect/lookup-principal.ts";
import type {
  GroupMembershipSchema,
  LookupPrincipalRequest,
  LookupPrincipalResponseSchema,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { inspectionOf } from "../../replica/inspection.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { requireName } from "../acl/check.ts";
import type { SettleDeps } from "../acl/consistency.ts";
import { beginInspectCall } from "./begin-inspect-call.ts";
import type { ListingMemo } from "./listing-memo.ts";
import { listPage } from "./list-page.ts";

/** LookupPrincipal, of an admitted reader. */
export async function lookupPrincipal(
  deps: SettleDeps,
  memo: ListingMemo,
  request: LookupPrincipalRequest,
  context: HandlerContext,
): Promise<MessageInitShape<typeof LookupPrincipalResponseSchema>> {
  const settled = await beginInspectCall(deps, context, request.consistency);
  if (settled.problem !== undefined) throw settled.problem;
  const principal = readPrincipal(request.principal);

  const { state } = settled;
  const query = ["InspectService/LookupPrincipal", principal];
  const page = listPage(memo, settled, query, request, () => lookUp(state, principal));
  return {
    revisionToken: state.revisionToken,
    memberships: page.entries.map(toMembership),
    nextPageToken: page.nextPageToken,
    totalSize: page.totalSize,
  };
}

function readPrincipal(principal: LookupPrincipalRequest["principal"]): LookedUp {
  switch (principal.case) {
    case "identity": {
      const identity = parseIdentity(principal.value);
      if (identity === undefined) throw invalidField("identity", identityRule);
      return { kind: "identity", identity };
    }
    case "glob":
      if (parseGlob(principal.value) === undefined) throw invalidField("glob", globRule);
      return { kind: "glob", glob: principal.value };
    case "group":
      requireName("group", principal.value, groupName);
      return { kind: "group", group: principal.value };
    default:
      throw nobody(principal);
  }
}

function nobody(_principal: { readonly case: undefined }): Error {
  return invalidField("principal", "must be exactly one of identity, glob and group");
}

function lookUp(state: ReplicaState, principal: LookedUp): readonly GroupMembership[] {
  const found = lookUpInEngine(inspectionOf(state), principal);
  if (found !== undefined) return found;
  // Only a group can be missing.
  const group = principal.kind === "group" ? principal.group : "";
  throw new DomainError("NOT_FOUND", `there is no group ${quote(group)}`, {
    kind: "group",
    name: group,
  });
}

function toMembership(membership: GroupMembership): MessageInitShape<typeof GroupMembershipSchema> {
  const { group, member, globs, nested, source } = membership;
  return { group, member, globs: [...globs], nested: [...nested], source };
}
