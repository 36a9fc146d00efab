import type { ServiceImpl } from "@connectrpc/connect";
import type { ChangeService } from "../../gen/fleetgate/admin/v1/change_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginAdminCall } from "./begin-admin-call.ts";
import { toChangeItem } from "./change-item-message.ts";
import { readTime, toChange } from "./change-message.ts";
import { toSummary } from "./convert-config.ts";
import { effectsField } from "./group-message.ts";
import type { AdminOperations } from "./operations.ts";
import { readGuards } from "./read-guards.ts";

/** The implementation of ChangeService. */
export function changeRoutes(
  deps: RpcDeps,
  operations: AdminOperations,
): ServiceImpl<typeof ChangeService> {
  return {
    listChanges: async (request, context) => {
      const { author: asker, commands, answerAt } = beginAdminCall(deps, context);
      const { pageSize, pageToken, author, source, group, kind, key } = request;
      const page = await operations.listChanges(commands, asker, {
        ...{ pageSize, pageToken, author, source, group, kind, key },
        since: readTime(request.since),
        until: readTime(request.until),
      });
      return {
        changes: page.changes.map(toChange),
        nextPageToken: page.nextPageToken,
        revisionToken: answerAt(page.revisionToken),
      };
    },
    getChange: async ({ revision, pageSize, pageToken, group }, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const input = { revision, pageSize, pageToken, group };
      const found = await operations.getChange(commands, author, input);
      return {
        change: toChange(found.change),
        items: found.items.map((item) => ({ ...toChangeItem(item), erased: item.erased })),
        nextPageToken: found.nextPageToken,
        revisionToken: answerAt(found.revisionToken),
      };
    },
    revertChange: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { revision, validateOnly, requestId, reason } = request;
      const guards = readGuards(request.guards);
      const input = { revision, validateOnly, requestId, reason, guards };
      const reverted = await operations.revertChange(commands, author, input);
      return {
        revisionToken: answerAt(reverted.revisionToken),
        summary: toSummary(reverted.summary),
        ...effectsField(reverted.effects),
      };
    },
    verifyChanges: async ({ firstRevision, lastRevision }, context) => {
      const { commands, answerAt } = beginAdminCall(deps, context);
      const input = { firstRevision, lastRevision };
      const found = await operations.verifyChanges(commands, input, context.signal);
      return {
        ...found,
        faults: found.faults.map(({ revision, message }) => ({ revision, message })),
        revisionToken: answerAt(found.revisionToken),
      };
    },
  };
}
