import { permissionName } from "../../domain/names.ts";
import { checkServerPerm, denyAtServer } from "../../engine/checker/check-server-perm.ts";
import type { CheckServerPermRequest } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { assertionOf, questionAbout, requireName, type AclCheck } from "./check.ts";

/** CheckServerPerm. */
export const serverCheck: AclCheck<CheckServerPermRequest> = {
  caller: ({ caller }) => ({ field: "caller", identity: caller }),
  permission: ({ permission }) => permission,
  question: ({ permission }) => questionAbout(permission),
  validate: ({ permission }) => {
    requireName("permission", permission, permissionName);
  },
  assertion: assertionOf,
  denied: (caller, { permission }) => denyAtServer(caller, permission),
  decide: (snapshot, caller, { permission }) => checkServerPerm(snapshot, caller, permission),
};
