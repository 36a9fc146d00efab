import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate, type Duration } from "@bufbuild/protobuf/wkt";
import type { GroupInput } from "../../commands/group/create-group.ts";
import type { GroupView } from "../../commands/group/group-view.ts";
import type { WriteInput } from "../../commands/group/change-groups.ts";
import type { TakeOverBody } from "../../domain/entity.ts";
import type { Effects } from "../../engine/effects/effects.ts";
import type { Guards } from "../../gen/fleetgate/admin/v1/effects_pb.ts";
import type { EffectsSchema } from "../../gen/fleetgate/admin/v1/effects_pb.ts";
import type {
  Group,
  GroupSchema,
  TakeOverSchema,
} from "../../gen/fleetgate/admin/v1/group_service_pb.ts";
import { toEffects } from "./effects-message.ts";

/** A group as a message. */
export function toGroup(
  group: GroupView,
  members: readonly string[] = [],
): MessageInitShape<typeof GroupSchema> {
  const { name, description, owners, globs, nested, memberCount, managedBy, etag } = group;
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
    ...(group.takeOver && { takeOver: toTakeOver(group.takeOver) }),
  };
}

function toTakeOver({
  author,
  reason,
  expiresAt,
}: TakeOverBody): MessageInitShape<typeof TakeOverSchema> {
  return { author, reason, expiresAt: timestampFromDate(new Date(expiresAt)) };
}

/** How long a duration is, in milliseconds; undefined when there is none. Nothing of it is checked. */
export function fromDuration(duration: Duration | undefined): number | undefined {
  return duration === undefined
    ? undefined
    : Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

/** A group of a request. Nothing of it is checked. */
export function fromGroup(group: Group | undefined): GroupInput | undefined {
  if (group === undefined) return undefined;
  const { name, description, owners, members, globs, nested } = group;
  const outputOnly = [
    ...(group.memberCount === 0n ? [] : ["member_count"]),
    ...(group.managedBy === "" ? [] : ["managed_by"]),
    ...(group.etag === "" ? [] : ["etag"]),
    ...(group.takeOver === undefined ? [] : ["take_over"]),
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
