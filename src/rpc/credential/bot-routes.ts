import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { createBot } from "../../commands/bot/create-bot.ts";
import { deleteBot } from "../../commands/bot/delete-bot.ts";
import { fetchOnce } from "../../commands/bot/fetch-once.ts";
import { getBot } from "../../commands/bot/get-bot.ts";
import { issueBootToken } from "../../commands/bot/issue-boot-token.ts";
import { listBots } from "../../commands/bot/list-bots.ts";
import { requeueBot } from "../../commands/bot/requeue-bot.ts";
import { returnFetch } from "../../commands/bot/return-fetch.ts";
import { setBotState } from "../../commands/bot/set-bot-state.ts";
import type { BotService } from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall } from "./begin-credential-call.ts";
import { toBotMessage } from "./bot-message.ts";
import { toldInstanceState, toldRunnerState } from "./bot-states-message.ts";
import { durationMs } from "./duration-ms.ts";
import { identifyShownBoot } from "./shown-boot-token.ts";

/** The implementation of BotService. */
export function botRoutes(deps: RpcDeps): ServiceImpl<typeof BotService> {
  return {
    createBot: async (request, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const { botId: id, realm, pool, uid, oneTimeReferences } = request;
      const references = new Map(Object.entries(oneTimeReferences));
      const input = { id, realm, pool, uid, references };
      return { bot: toBotMessage(await createBot(area.commands, snapshot, actor, input)) };
    },
    getBot: async ({ botId: id }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      return { bot: toBotMessage(await getBot(area.commands, snapshot, actor, { id })) };
    },
    listBots: async ({ realm, pageSize, pageToken }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { realm, pageSize, pageToken };
      const page = await listBots(area.commands, snapshot, actor, input);
      return { bots: page.bots.map(toBotMessage), nextPageToken: page.nextPageToken };
    },
    setBotState: async (request, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const bot = await setBotState(area.commands, snapshot, actor, {
        id: request.botId,
        runnerState: toldRunnerState(request.runnerState),
        instanceState: toldInstanceState(request.instanceState),
        agentId: request.agentId,
        expectedVersion: request.expectedVersion,
      });
      return { bot: toBotMessage(bot) };
    },
    requeueBot: async ({ botId: id, expectedGeneration }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { id, expectedGeneration };
      return { bot: toBotMessage(await requeueBot(area.commands, snapshot, actor, input)) };
    },
    deleteBot: async ({ botId: id, uid }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      await deleteBot(area.commands, snapshot, actor, { id, uid });
      return {};
    },
    issueBootToken: async (request, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const { botId: id, generation, audiences } = request;
      const input = { id, generation, ttl: durationMs(request.ttl), audiences };
      const issued = await issueBootToken(area.commands, snapshot, actor, input);
      const { token, credentialId, expiresAt } = issued;
      return { token, credentialId, expiresAt: timestampFromDate(expiresAt) };
    },
    fetchOnce: async ({ name, token }, context) => {
      const call = beginCredentialCall(deps, context);
      const shown = await identifyShownBoot(deps, call, token);
      const { area, snapshot, actor } = call;
      return fetchOnce(area.commands, snapshot, actor, { name, shown });
    },
    returnFetch: async ({ fetchId }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      return { returned: await returnFetch(area.commands, snapshot, actor, { fetchId }) };
    },
  };
}
