import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { enroll, type EnrollInput } from "../../commands/runner/enroll.ts";
import type { EnrolmentOutcome } from "../../credentials/runner-counts.ts";
import { DomainError } from "../../domain/errors.ts";
import type { EnrollResponseSchema } from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import type { CredentialCall } from "./begin-credential-call.ts";
import { judgedByCommand } from "./judged-by-command.ts";
import { toRunnerMessage } from "./runner-message.ts";

/** Enrols the machine of a call, and counts what became of it: once that is decided, and never by what was only shown (LH2). */
export async function enrollMachine(
  call: CredentialCall,
  input: EnrollInput,
): Promise<MessageInitShape<typeof EnrollResponseSchema>> {
  const { area, snapshot, actor } = call;
  const { runners } = area.bookkeeping;
  try {
    const { issued, runner, how } = await judgedByCommand(call, () =>
      enroll(area.commands, snapshot, actor, input),
    );
    runners.enrolled(how);
    const { token, credentialId, expiresAt } = issued;
    return {
      ...{ token, credentialId, runner: toRunnerMessage(runner) },
      expiresAt: timestampFromDate(expiresAt),
    };
  } catch (error) {
    if (actor.record !== undefined) runners.enrolled(outcomeOf(error));
    throw error;
  }
}

function outcomeOf(error: unknown): EnrolmentOutcome {
  if (!(error instanceof DomainError)) return "failed";
  if (error.reason === "CREDENTIAL_REQUIRED") return "refused";
  if (error.reason === "ALREADY_EXISTS") return "exists";
  return error.metadata["limit"] === "managers" ? "full" : "failed";
}
