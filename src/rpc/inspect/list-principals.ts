import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { invalidField } from "../../domain/errors.ts";
import { botId, fullRealmName, permissionName, poolName } from "../../domain/names.ts";
import { taskPermission } from "../../engine/checker/check-task-perm.ts";
import { listPrincipals as listInEngine } from "../../engine/inspect/list-principals.ts";
import type { PermittedPrincipal, Place } from "../../engine/inspect/listings.ts";
import type {
  ListPrincipalsRequest,
  ListPrincipalsResponseSchema,
  PermittedPrincipalSchema,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { inspectionOf } from "../../replica/inspection.ts";
import { requireName } from "../acl/check.ts";
import type { SettleDeps } from "../acl/consistency.ts";
import { validateTask } from "../acl/task-check.ts";
import { callOf, noteQuestion } from "../call.ts";
import { beginInspectCall } from "./begin-inspect-call.ts";
import type { ListingMemo } from "./listing-memo.ts";
import { listPage } from "./list-page.ts";

/** ListPrincipals, of an admitted reader. */
export async function listPrincipals(
  deps: SettleDeps,
  memo: ListingMemo,
  request: ListPrincipalsRequest,
  context: HandlerContext,
): Promise<MessageInitShape<typeof ListPrincipalsResponseSchema>> {
  const { permission } = request;
  noteQuestion(callOf(context.values), "", permission);
  const settled = await beginInspectCall(deps, context, request.consistency);
  if (settled.problem !== undefined) throw settled.problem;
  const rule = request.place.case === "task" ? taskPermission : permissionName;
  requireName("permission", permission, rule);
  const place = readPlace(request.place);

  const { state } = settled;
  const query = ["InspectService/ListPrincipals", permission, place];
  const page = listPage(memo, settled, query, request, () =>
    listInEngine(inspectionOf(state), permission, place),
  );
  return {
    revisionToken: state.revisionToken,
    principals: page.entries.map(toPrincipal),
    nextPageToken: page.nextPageToken,
    totalSize: page.totalSize,
  };
}

function readPlace(place: ListPrincipalsRequest["place"]): Place {
  switch (place.case) {
    case "server":
      if (!place.value) throw invalidField("server", "must be true when it is set");
      return { kind: "server" };
    case "pool":
      requireName("pool", place.value, poolName);
      return { kind: "pool", pool: place.value };
    case "realm":
      requireName("realm", place.value, fullRealmName);
      return { kind: "realm", realm: place.value };
    case "task": {
      validateTask(place.value);
      const { taskId, realm, pool, botId: bot, submitter } = place.value;
      return { kind: "task", task: { taskId, realm, pool, botId: bot, submitter } };
    }
    case "botId":
      requireName("bot_id", place.value, botId);
      return { kind: "bot", botId: place.value };
    default:
      throw noPlace(place);
  }
}

function noPlace(_place: { readonly case: undefined }): Error {
  return invalidField("place", "must be exactly one of server, pool, realm, task and bot_id");
}

function toPrincipal({
  kind,
  name,
  via,
}: PermittedPrincipal): MessageInitShape<typeof PermittedPrincipalSchema> {
  return { principal: { case: kind, value: name }, via: [...via] };
}
