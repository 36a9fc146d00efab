import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Bot } from "../../commands/bot/bot.ts";
import type {
  BotSchema,
  OneTimeSecretSchema,
} from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { instanceNumbers, runnerNumbers } from "./bot-states-message.ts";

/** A bot as the contract has it. */
export function toBotMessage(bot: Bot): MessageInitShape<typeof BotSchema> {
  return {
    botId: bot.id,
    uid: bot.uid,
    realm: bot.realm,
    pool: bot.pool,
    generation: bot.generation,
    epoch: bot.epoch,
    runnerState: runnerNumbers[bot.runnerState],
    instanceState: instanceNumbers[bot.instanceState],
    agentId: bot.agentId,
    oneTimeSecrets: bot.oneTimeSecrets.map(toSecretMessage),
    version: bot.version,
    createdAt: timestampFromDate(bot.createdAt),
    createdBy: bot.createdBy,
  };
}

function toSecretMessage({
  name,
  fetchedAt,
}: Bot["oneTimeSecrets"][number]): MessageInitShape<typeof OneTimeSecretSchema> {
  return fetchedAt === undefined ? { name } : { name, fetchedAt: timestampFromDate(fetchedAt) };
}
