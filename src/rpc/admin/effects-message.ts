import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Effect, EffectCount, Effects } from "../../engine/effects/effects.ts";
import {
  Effect_Kind,
  type EffectCountSchema,
  type EffectSchema,
  type EffectsSchema,
} from "../../gen/fleetgate/admin/v1/effects_pb.ts";
import { toWitness } from "../inspect/explanation-message.ts";
import { toPlace } from "../inspect/place-message.ts";

const kinds: Readonly<Record<Effect["kind"], Effect_Kind>> = {
  gained: Effect_Kind.GAINED,
  lost: Effect_Kind.LOST,
};

/** Effects as a message. */
export function toEffects({
  gained,
  lost,
  effects,
}: Effects): MessageInitShape<typeof EffectsSchema> {
  return { gained: toCount(gained), lost: toCount(lost), effects: effects.map(toEffect) };
}

function toCount({ identities, globs }: EffectCount): MessageInitShape<typeof EffectCountSchema> {
  return { identities: BigInt(identities), globs: BigInt(globs) };
}

function toEffect(effect: Effect): MessageInitShape<typeof EffectSchema> {
  const { kind, principal, groupIdentities, place, permissions, witness } = effect;
  return {
    kind: kinds[kind],
    principal: { case: principal.kind, value: principal.name },
    groupIdentities: BigInt(groupIdentities),
    place: toPlace(place),
    permissions: [...permissions],
    witness: toWitness(witness),
  };
}
