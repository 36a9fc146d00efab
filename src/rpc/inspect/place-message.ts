import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PermissionSet } from "../../engine/inspect/listings.ts";
import type { PermissionSetSchema } from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";

/** The place of permissions, of a list or of effects, as the contract has it. */
export function toPlace(
  place: PermissionSet["place"],
): NonNullable<MessageInitShape<typeof PermissionSetSchema>["place"]> {
  switch (place.kind) {
    case "server":
      return { case: "server", value: true };
    case "realm":
      return { case: "realm", value: place.realm };
    default:
      return { case: "pool", value: place.pool };
  }
}
