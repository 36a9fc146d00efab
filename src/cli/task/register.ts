import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  RegisterTaskResponseSchema,
  TaskService,
  type RegisterTaskRequestSchema,
} from "../../gen/fleetgate/credential/v1/task_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand, type Cli } from "../cli.ts";
import { withConnection } from "../connection.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";
import { readSecret } from "../read-secret.ts";
import { askForSecrets } from "../secret-files.ts";
import { showToken } from "../show-token.ts";
import { withRegisterOptions, type RegisterOptions } from "./register-options.ts";
import { termsOf } from "./terms-options.ts";

/** Adds `task register`. */
export const addTaskRegister: AddCommand = (parent, cli) => {
  withRegisterOptions(parent.command("register"))
    .argument("<task>", "its id", filledArgument)
    .description(
      "Register a task, or add a hold to it, and show its token once. For execution hosts of its realm.",
    )
    .addHelpText(
      "after",
      examples(
        [
          "a task of a reviewed branch, for an hour at most",
          "fleetgate task register build-1 --realm chromium:ci --time-limit 1h --trust trusted --ref refs/heads/main --token-file job.token",
        ],
        [
          "somebody's pull request; it may read what build-1 published",
          "fleetgate task register test-1 --realm chromium:ci --time-limit 30m --ref refs/pull/7/head --default-ref refs/heads/main --dependency build-1 --token-file test.token",
        ],
        [
          "with the token that the forge made for it",
          "fleetgate task register build-2 --realm chromium:ci --time-limit 1h --supplied-token-file forge.token",
        ],
      ),
    )
    .action(
      cli.action(async (taskId: string, options: RegisterOptions) => {
        const request = await toRequest(cli, taskId, options);
        const { tokenFile, suppliedTokenFile } = options;
        const response = await askForSecrets(
          [{ path: tokenFile }],
          () =>
            withConnection(cli, (connection) =>
              connection.client(TaskService).registerTask(request),
            ),
          ({ token }) => [token],
        );
        const { token, credentialId, leaseUntil, task } = response;
        const kind = suppliedTokenFile === undefined ? "token" : "supplied token";
        showToken(cli, {
          schema: RegisterTaskResponseSchema,
          response,
          token: tokenFile === undefined ? token : "",
          about: [
            `task ${plain(taskId)}, deadline ${formatTime(task?.deadline, "-")}, ${kind} ${plain(credentialId)}`,
            `hold ${plain(taskId)}/${request.holdId} until ${formatTime(leaseUntil, "-")}: renew it before`,
          ],
          files: [tokenFile],
          strip: (copy) => {
            if (tokenFile !== undefined) copy.token = "";
          },
        });
        return exitCodes.ok;
      }),
    );
};

async function toRequest(
  cli: Cli,
  taskId: string,
  options: RegisterOptions,
): Promise<MessageInitShape<typeof RegisterTaskRequestSchema> & { readonly holdId: string }> {
  const { realm, timeLimit, lease, suppliedTokenFile } = options;
  const token =
    suppliedTokenFile === undefined
      ? ""
      : await readSecret(cli.io, suppliedTokenFile, "the token of the forge");
  return {
    taskId,
    realm,
    holdId: options.hold ?? randomUUID(),
    ...(lease === undefined ? {} : { lease: durationFromMs(lease) }),
    ...(timeLimit === undefined ? {} : { timeLimit: durationFromMs(timeLimit) }),
    ...termsOf(options),
    botId: options.bot ?? "",
    token,
  };
}
