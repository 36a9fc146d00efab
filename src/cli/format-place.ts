import { quote } from "../domain/quote.ts";
import type { PermissionSet } from "../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { plain } from "./print.ts";

/** The place of permissions, of a list or of effects: `server level`, `realm a:b` or `pool "p"`. */
export function formatPlace(place: PermissionSet["place"]): string {
  switch (place.case) {
    case "server":
      return "server level";
    case "realm":
      return `realm ${plain(place.value)}`;
    case "pool":
      return `pool ${quote(place.value)}`;
    default:
      return "a place that this release does not know";
  }
}
