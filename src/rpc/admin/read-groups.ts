import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { prepareGroup, readableGroup } from "../../commands/group/get-group.ts";
import { sortedMembers, sortMembers, viewGroup } from "../../commands/group/group-view.ts";
import { checkNamePrefix, listGroups as findGroups } from "../../commands/group/list-groups.ts";
import { mayReadAllGroups } from "../../engine/group-rights.ts";
import type {
  GetGroupRequest,
  GetGroupResponseSchema,
  ListGroupsRequest,
  ListGroupsResponseSchema,
  ListMembersRequest,
  ListMembersResponseSchema,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import type { SettleDeps } from "../acl/consistency.ts";
import { listPage } from "../inspect/list-page.ts";
import type { ListingMemo } from "../inspect/listing-memo.ts";
import { beginGroupRead } from "./begin-group-read.ts";
import { toGroup } from "./group-message.ts";
import type { AdminOperations } from "./operations.ts";

/** GetGroup. */
export async function getGroup(
  deps: SettleDeps,
  operations: AdminOperations,
  { name, withoutMembers, consistency }: GetGroupRequest,
  context: HandlerContext,
): Promise<MessageInitShape<typeof GetGroupResponseSchema>> {
  const read = await beginGroupRead(deps, context, consistency);
  if (!withoutMembers && read.problem === undefined) await prepareGroup(read, name);
  const { group, members } = operations.getGroup(read, name, withoutMembers, read.problem);
  return { group: toGroup(group, members), revisionToken: read.state.revisionToken };
}

/** ListGroups. */
export async function listGroups(
  deps: SettleDeps,
  memo: ListingMemo,
  { pageSize, pageToken, prefix, consistency }: ListGroupsRequest,
  context: HandlerContext,
): Promise<MessageInitShape<typeof ListGroupsResponseSchema>> {
  const read = await beginGroupRead(deps, context, consistency);
  const { asker, rights, state, settled, problem } = read;
  if (problem !== undefined) throw problem;
  checkNamePrefix(prefix);
  // Readers read the same.
  const who = mayReadAllGroups(rights, asker) ? [] : [asker];
  const query = ["GroupService/ListGroups", prefix, ...who];
  const page = listPage(memo, settled, query, { pageSize, pageToken }, () =>
    findGroups(read, prefix),
  );
  const seen = { ...state, snapshot: rights };
  return {
    groups: page.entries.map((entry) => {
      const view = viewGroup(seen, asker, entry);
      return toGroup({ ...view, globs: [], nested: [] });
    }),
    nextPageToken: page.nextPageToken,
    totalSize: page.totalSize,
    revisionToken: state.revisionToken,
  };
}

/** ListMembers. */
export async function listMembers(
  deps: SettleDeps,
  { group, pageSize, pageToken, consistency }: ListMembersRequest,
  context: HandlerContext,
): Promise<MessageInitShape<typeof ListMembersResponseSchema>> {
  const read = await beginGroupRead(deps, context, consistency);
  const entry = readableGroup(read, "group", group, read.problem);
  await sortMembers(entry);
  const query = ["GroupService/ListMembers", group];
  const page = listPage(membersMemo, read.settled, query, { pageSize, pageToken }, () =>
    sortedMembers(entry),
  );
  return {
    members: [...page.entries],
    nextPageToken: page.nextPageToken,
    totalSize: page.totalSize,
    revisionToken: read.state.revisionToken,
  };
}

/** Sorted members are remembered with the group, for as long as it has these: see sortedMembers. */
const membersMemo: ListingMemo = { listingOf: (_snapshot, _query, compute) => compute() };
