import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GroupInput } from "../../commands/group/create-group.ts";
import type { GroupView } from "../../commands/group/group-view.ts";
import type { WriteInput } from "../../commands/group/change-groups.ts";
import type { Effects } from "../../engine/effects/effects.ts";
import type { Guards } from "../../gen/fleetgate/admin/v1/effects_pb.ts";
import type { EffectsSchema } from "../../gen/fleetgate/admin/v1/effects_pb.ts";
import type { Group, GroupSchema } from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { toEffects } from "./effects-message.ts";

/** A group as a message. */
export function toGroup(
  { name, description, owners, globs, nested, memberCount, managedBy, etag }: GroupView,
  members: readonly string[] = [],
): MessageInitShape<typeof GroupSchema> {
  return {
    name,
    description,
    owners,
    members: [...members],
    globs: [...globs],
    nested: [...nested],
    memberCount: BigInt(memberCount),
    managedBy,
    etag,
  };
}

/** A group of a request. Nothing of it is checked. */
export function fromGroup(group: Group | undefined): GroupInput | undefined {
  if (group === undefined) return undefined;
  const { name, description, owners, members, globs, nested } = group;
  const outputOnly = [
    ...(group.memberCount === 0n ? [] : ["member_count"]),
    ...(group.managedBy === "" ? [] : ["managed_by"]),
    ...(group.etag === "" ? [] : ["etag"]),
  ];
  return { name, description, owners, members, globs, nested, outputOnly };
}

/** What every write says beside what to change. Nothing of it is checked. */
export function fromWrite({
  validateOnly,
  requestId,
  reason,
  guards,
}: {
  readonly validateOnly: boolean;
  readonly requestId: string;
  readonly reason: string;
  readonly guards?: Guards | undefined;
}): WriteInput {
  return {
    validateOnly,
    requestId,
    reason,
    guards: {
      maxGained: guards?.maxGained,
      maxLost: guards?.maxLost,
      allowLockOut: guards?.allowLockOut ?? false,
    },
  };
}

/** The effects of an answer that has any. */
export function effectsField(effects: Effects | undefined): {
  readonly effects?: MessageInitShape<typeof EffectsSchema>;
} {
  return effects === undefined ? {} : { effects: toEffects(effects) };
}
