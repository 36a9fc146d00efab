import { durationFromMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { createEnrollToken } from "../../commands/runner/create-enroll-token.ts";
import { createRunner } from "../../commands/runner/create-runner.ts";
import { getRunner } from "../../commands/runner/get-runner.ts";
import { deleteManager } from "../../commands/runner/delete-manager.ts";
import { deleteRunner } from "../../commands/runner/delete-runner.ts";
import { heartbeatMs, takeHeartbeat } from "../../commands/runner/heartbeat.ts";
import { listManagers } from "../../commands/runner/list-managers.ts";
import { setRunnerPaused } from "../../commands/runner/set-runner-paused.ts";
import { listRunners } from "../../commands/runner/list-runners.ts";
import type { RunnerService } from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall } from "./begin-credential-call.ts";
import { durationMs } from "./duration-ms.ts";
import { enrollMachine } from "./enroll-machine.ts";
import { toManagerMessage, toRunnerMessage } from "./runner-message.ts";

/** The implementation of RunnerService. */
export function runnerRoutes(deps: RpcDeps): ServiceImpl<typeof RunnerService> {
  return {
    createRunner: async ({ runnerId: id, realm, pool, maxManagers }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { id, realm, pool, maxManagers };
      return { runner: toRunnerMessage(await createRunner(area.commands, snapshot, actor, input)) };
    },
    getRunner: async ({ runnerId: id }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      return { runner: toRunnerMessage(await getRunner(area.commands, snapshot, actor, { id })) };
    },
    listRunners: async ({ realm, pageSize, pageToken }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { realm, pageSize, pageToken };
      const page = await listRunners(area.commands, snapshot, actor, input);
      return { runners: page.runners.map(toRunnerMessage), nextPageToken: page.nextPageToken };
    },
    createEnrollToken: async ({ runnerId: id, maxUses, ttl }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { id, maxUses, ttl: durationMs(ttl) };
      const issued = await createEnrollToken(area.commands, snapshot, actor, input);
      const { token, credentialId, expiresAt } = issued;
      return { token, credentialId, expiresAt: timestampFromDate(expiresAt) };
    },
    enroll: async ({ systemId, info, nonce, ttl, audiences }, context) => {
      const call = beginCredentialCall(deps, context);
      return enrollMachine(call, { systemId, info, nonce, ttl: durationMs(ttl), audiences });
    },
    setRunnerPaused: async ({ runnerId: id, paused }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const runner = await setRunnerPaused(area.commands, snapshot, actor, { id, paused });
      return { runner: toRunnerMessage(runner) };
    },
    deleteRunner: async ({ runnerId: id }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      await deleteRunner(area.commands, snapshot, actor, { id });
      return {};
    },
    heartbeat: (request, context) => {
      const { area, actor } = beginCredentialCall(deps, context);
      const { contact, answer } = takeHeartbeat(actor, request, area.identifier.databaseNow());
      area.bookkeeping.heard(contact);
      return {
        nextIn: durationFromMs(heartbeatMs),
        paused: answer.paused,
        expiresAt: timestampFromDate(answer.expiresAt),
      };
    },
    listManagers: async ({ runnerId: id, pageSize, pageToken }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { id, pageSize, pageToken };
      const page = await listManagers(area.commands, snapshot, actor, input);
      return { managers: page.managers.map(toManagerMessage), nextPageToken: page.nextPageToken };
    },
    deleteManager: async ({ runnerId: id, systemId }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      await deleteManager(area.commands, snapshot, actor, { id, systemId });
      return {};
    },
  };
}
