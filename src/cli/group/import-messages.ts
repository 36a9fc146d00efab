import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  ImportGroupsRequestSchema,
  ImportOptionsSchema,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import type { ImportedGroups } from "./imported-groups.ts";

/** The most members that one message carries: far below the limit of messages, whatever their length. */
export const maxMembersPerMessage = 10_000;

/**
 * The messages of an import: the options, then for each group its members in as many messages as they need, then the end.
 * `onSent` is told how many members have been taken before each message.
 */
export async function* importMessages(
  options: MessageInitShape<typeof ImportOptionsSchema>,
  groups: ImportedGroups,
  onSent: (members: number) => void,
): AsyncGenerator<MessageInitShape<typeof ImportGroupsRequestSchema>> {
  yield { part: { case: "options", value: options } };
  let sent = 0;
  let messages = 0n;
  for (const [name, members] of groups) {
    for (let at = 0; at === 0 || at < members.length; at += maxMembersPerMessage) {
      const some = members.slice(at, at + maxMembersPerMessage);
      yield { part: { case: "group", value: { name, members: some } } };
      messages += 1n;
      sent += some.length;
      onSent(sent);
    }
  }
  yield { part: { case: "end", value: { messages } } };
}
