import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { invalidField } from "../../domain/errors.ts";
import { foldIdentity, identityRule, parseIdentity, type Identity } from "../../domain/identity.ts";
import { listPermissions as listInEngine } from "../../engine/inspect/list-permissions.ts";
import type { PermissionSet } from "../../engine/inspect/listings.ts";
import { isReader } from "../../engine/reader.ts";
import type {
  ListPermissionsRequest,
  ListPermissionsResponseSchema,
  PermissionSetSchema,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { inspectionOf } from "../../replica/inspection.ts";
import { ceilingOf, type Ceiling } from "../acl/ceiling.ts";
import type { SettleDeps, Settled } from "../acl/consistency.ts";
import { readersOnly } from "../admission/admit.ts";
import { callOf, noteQuestion } from "../call.ts";
import { beginInspectCall } from "./begin-inspect-call.ts";
import type { ListingMemo } from "./listing-memo.ts";
import { listPage } from "./list-page.ts";
import { toPlace } from "./place-message.ts";

/** ListPermissions: about oneself for everybody, about others for readers. A task is told what its credential lists, too. */
export async function listPermissions(
  deps: SettleDeps,
  memo: ListingMemo,
  request: ListPermissionsRequest,
  context: HandlerContext,
): Promise<MessageInitShape<typeof ListPermissionsResponseSchema>> {
  const call = callOf(context.values);
  noteQuestion(call, request.identity, "");
  const settled = await beginInspectCall(deps, context, request.consistency);
  const identity = subjectOf(request.identity, settled, call.method);
  if (settled.problem !== undefined) throw settled.problem;
  if (identity === undefined) throw invalidField("identity", `${identityRule}; empty for the peer`);

  const { state } = settled;
  const ceiling = identity === settled.peer.identity ? ceilingOf(settled.peer) : undefined;
  const bound = ceiling === undefined ? [] : [settled.peer.record?.permissions];
  const query = ["InspectService/ListPermissions", identity, ...bound];
  const page = listPage(memo, settled, query, request, () => {
    const sets = listInEngine(inspectionOf(state), identity);
    return ceiling === undefined ? sets : within(sets, ceiling);
  });
  return {
    revisionToken: state.revisionToken,
    permissionSets: page.entries.map(toPermissionSet),
    nextPageToken: page.nextPageToken,
    totalSize: page.totalSize,
  };
}

/** What of the sets a peer may use that has a ceiling: an entry is what its check would answer. */
function within(sets: readonly PermissionSet[], ceiling: Ceiling): readonly PermissionSet[] {
  return sets
    .map(({ place, permissions }) => ({ place, permissions: permissions.filter(ceiling) }))
    .filter(({ permissions }) => permissions.length > 0);
}

/**
 * Whose permissions are listed; undefined when the text is no identity. The peer goes under the name that
 * its credential proves, as in a check. Who is no reader gets GROUP_REQUIRED for every other text.
 */
function subjectOf(text: string, { peer, current }: Settled, method: string): Identity | undefined {
  if (text === "") return peer.identity;
  const identity = parseIdentity(text);
  if (identity !== undefined && foldIdentity(identity) === foldIdentity(peer.identity)) {
    return peer.identity;
  }
  if (!isReader(current.snapshot, peer.identity)) throw readersOnly(method, " about others");
  return identity;
}

function toPermissionSet({
  place,
  permissions,
}: PermissionSet): MessageInitShape<typeof PermissionSetSchema> {
  return { place: toPlace(place), permissions: [...permissions] };
}
