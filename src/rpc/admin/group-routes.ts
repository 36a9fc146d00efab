import type { ServiceImpl } from "@connectrpc/connect";
import type { GroupService } from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { createListingMemo } from "../inspect/listing-memo.ts";
import { beginAdminCall } from "./begin-admin-call.ts";
import { effectsField, fromDuration, fromGroup, fromWrite, toGroup } from "./group-message.ts";
import { createImportGroups } from "./import-groups.ts";
import type { AdminOperations } from "./operations.ts";
import { getGroup, listGroups, listMembers } from "./read-groups.ts";

/** The implementation of GroupService. */
export function groupRoutes(
  deps: RpcDeps,
  operations: AdminOperations,
): ServiceImpl<typeof GroupService> {
  const memo = createListingMemo();
  return {
    createGroup: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const input = { ...fromWrite(request), group: fromGroup(request.group) };
      const { group, revisionToken, effects } = await operations.createGroup(
        commands,
        author,
        input,
      );
      return {
        group: toGroup(group),
        revisionToken: answerAt(revisionToken),
        ...effectsField(effects),
      };
    },
    getGroup: (request, context) => getGroup(deps, operations, request, context),
    listGroups: (request, context) => listGroups(deps, memo, request, context),
    listMembers: (request, context) => listMembers(deps, request, context),
    updateGroup: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const input = {
        ...fromWrite(request),
        group: fromGroup(request.group),
        updateMask: request.updateMask?.paths,
        etag: request.etag,
      };
      const { group, revisionToken, effects } = await operations.updateGroup(
        commands,
        author,
        input,
      );
      return {
        group: toGroup(group),
        revisionToken: answerAt(revisionToken),
        ...effectsField(effects),
      };
    },
    deleteGroup: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { name, etag } = request;
      const input = { ...fromWrite(request), name, etag };
      const { revisionToken, effects } = await operations.deleteGroup(commands, author, input);
      return { revisionToken: answerAt(revisionToken), ...effectsField(effects) };
    },
    addMembers: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { group, members } = request;
      const input = { ...fromWrite(request), group, members };
      const added = await operations.addMembers(commands, author, input);
      return {
        added: added.count,
        etag: added.etag,
        revisionToken: answerAt(added.revisionToken),
        ...effectsField(added.effects),
      };
    },
    removeMembers: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { group, members } = request;
      const input = { ...fromWrite(request), group, members };
      const removed = await operations.removeMembers(commands, author, input);
      return {
        removed: removed.count,
        etag: removed.etag,
        revisionToken: answerAt(removed.revisionToken),
        ...effectsField(removed.effects),
      };
    },
    importGroups: createImportGroups(deps, operations),
    takeOverGroup: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { name, reason, validateOnly, requestId } = request;
      const durationMs = fromDuration(request.duration);
      const input = { name, reason, durationMs, validateOnly, requestId };
      const { group, revisionToken } = await operations.takeOverGroup(commands, author, input);
      return { group: toGroup(group), revisionToken: answerAt(revisionToken) };
    },
    returnGroup: async (request, context) => {
      const { author, commands, answerAt } = beginAdminCall(deps, context);
      const { name, reason, validateOnly, requestId } = request;
      const input = { name, reason, validateOnly, requestId };
      const { group, revisionToken } = await operations.returnGroup(commands, author, input);
      return { group: toGroup(group), revisionToken: answerAt(revisionToken) };
    },
  };
}
