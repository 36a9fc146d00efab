import {
  InstanceStateSchema,
  RunnerStateSchema,
} from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import type { Bot } from "../../gen/fleetgate/credential/v1/bot_service_pb.ts";
import { wordOf } from "../enum-words.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";
import { facts } from "../show.ts";

/** `runner installing, instance running`. */
export function formatBotStates({ runnerState, instanceState }: Bot): string {
  const runner = wordOf(RunnerStateSchema, runnerState);
  return `runner ${runner}, instance ${wordOf(InstanceStateSchema, instanceState)}`;
}

/** A bot, line by line. */
export function formatBot(bot: Bot): readonly string[] {
  return [
    `bot ${plain(bot.botId)}`,
    ...facts(
      ["uid", bot.uid],
      ["realm", plain(bot.realm)],
      ["pool", plain(bot.pool)],
      ["state", formatBotStates(bot)],
      ["generation", bot.generation.toString()],
      ["epoch", bot.epoch.toString()],
      ["agent id", bot.agentId === 0n ? "" : bot.agentId.toString()],
      ["version", bot.version.toString()],
      ["created", `${formatTime(bot.createdAt, "-")} by ${plain(bot.createdBy)}`],
    ),
    ...bot.oneTimeSecrets.map(
      ({ name, fetchedAt }) =>
        `one-time secret ${plain(name)}: ${fetchedAt === undefined ? "not fetched" : `fetched ${formatTime(fetchedAt, "")}`}`,
    ),
  ];
}
