import { botId as botIdRule, permissionName } from "../../domain/names.ts";
import { checkBotPerm, denyBot } from "../../engine/checker/check-bot-perm.ts";
import type { CheckBotPermRequest } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { assertionOf, botsInQuestion, questionAbout, requireName, type AclCheck } from "./check.ts";

/** CheckBotPerm. */
export const botCheck: AclCheck<CheckBotPermRequest> = {
  caller: ({ caller }) => ({ field: "caller", identity: caller }),
  permission: ({ permission }) => permission,
  question: ({ permission, botId }) => questionAbout(permission, botsInQuestion([botId])),
  validate: ({ permission, botId }) => {
    requireName("permission", permission, permissionName);
    requireName("bot_id", botId, botIdRule);
  },
  assertion: assertionOf,
  denied: (caller, { permission, botId }) => denyBot(caller, permission, botId),
  decide: (snapshot, caller, { permission, botId }) =>
    checkBotPerm(snapshot, caller, permission, botId),
};
