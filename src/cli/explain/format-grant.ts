import { quote } from "../../domain/quote.ts";
import type {
  Change,
  Change_Bind,
  Grant,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { plain } from "../print.ts";

/** Changes that together would allow, as one line: what to do, and how much it gives at most. */
export function formatGrant({ changes, size }: Grant): string {
  const what = changes.map(formatChange).join(", and ");
  return `${what}  (gives ${size} permission${size === 1n ? "" : "s"} at most)`;
}

function formatChange({ change }: Change): string {
  switch (change.case) {
    case "addMember":
      return `add ${plain(change.value.member)} to group ${quote(change.value.group)}`;
    case "bind":
      return formatBind(change.value);
    default:
      return "a change that this release does not know";
  }
}

function formatBind({ realm, role, principal, createRealm, createRoleWith }: Change_Bind): string {
  const first = [
    ...(createRealm ? [`create realm ${plain(realm)}`] : []),
    ...(createRoleWith.length > 0
      ? [`create ${plain(role)} with ${createRoleWith.map(plain).join(", ")}`]
      : []),
  ];
  return [...first, `bind ${plain(role)} to ${plain(principal)} in realm ${plain(realm)}`].join(
    ", ",
  );
}
