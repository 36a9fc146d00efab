import type { ServiceImpl } from "@connectrpc/connect";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { endTask } from "../../commands/task/end-task.ts";
import { getTask } from "../../commands/task/get-task.ts";
import { registerTask } from "../../commands/task/register-task.ts";
import { releaseHold } from "../../commands/task/release-hold.ts";
import { renewHolds } from "../../commands/task/renew-holds.ts";
import { setTaskState } from "../../commands/task/set-task-state.ts";
import type { TaskService } from "../../gen/fleetgate/credential/v1/task_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall } from "./begin-credential-call.ts";
import { durationMs } from "./duration-ms.ts";
import { taskStateMessages, toTask, toTaskState, toTrust } from "./task-message.ts";

/** The implementation of TaskService. */
export function taskRoutes(deps: RpcDeps): ServiceImpl<typeof TaskService> {
  return {
    registerTask: async ({ lease, timeLimit, trust, ...said }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const registerDeps = { ...area.commands, keyring: area.keyring };
      const times = { leaseMs: durationMs(lease), timeLimitMs: durationMs(timeLimit) };
      const input = { ...said, ...times, trust: toTrust(trust) };
      const registered = await registerTask(registerDeps, snapshot, actor, input);
      return {
        task: toTask(registered.task),
        token: registered.token ?? "",
        credentialId: registered.credentialId,
        leaseUntil: timestampFromMs(registered.leaseUntil),
      };
    },
    renewHolds: async ({ holds, lease }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const outcomes = await renewHolds(area.commands, snapshot, actor, {
        holds,
        leaseMs: durationMs(lease),
      });
      return {
        outcomes: outcomes.map(({ leaseUntil, state }) => ({
          ...(leaseUntil === undefined ? {} : { leaseUntil: timestampFromMs(leaseUntil) }),
          ...(state === undefined ? {} : { state: taskStateMessages[state] }),
        })),
      };
    },
    releaseHold: async ({ taskId, holdId }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      await releaseHold(area.commands, snapshot, actor, { taskId, holdId });
      return {};
    },
    setTaskState: async ({ taskId, state }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { taskId, state: toTaskState(state) };
      return { task: toTask(await setTaskState(area.commands, snapshot, actor, input)) };
    },
    endTask: async ({ taskId, state }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      await endTask(area.commands, snapshot, actor, { taskId, state: toTaskState(state) });
      return {};
    },
    getTask: async ({ taskId }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      return { task: toTask(await getTask(area.commands, snapshot, actor, { taskId })) };
    },
  };
}
