import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { refusalOf } from "../../commands/credential/credential-refused.ts";
import { enroll, type EnrollInput } from "../../commands/runner/enroll.ts";
import type { EnrolmentOutcome } from "../../credentials/runner-counts.ts";
import { DomainError } from "../../domain/errors.ts";
import type { EnrollResponseSchema } from "../../gen/fleetgate/credential/v1/runner_service_pb.ts";
import type { CredentialCall } from "./begin-credential-call.ts";
import { toRunnerMessage } from "./runner-message.ts";

/** Enrols the machine of a call, and counts what became of it: once that is decided, and never by what was only shown (LH2). */
export async function enrollMachine(
  { area, snapshot, actor }: CredentialCall,
  input: EnrollInput,
): Promise<MessageInitShape<typeof EnrollResponseSchema>> {
  const { bookkeeping } = area;
  try {
    const { issued, runner, how } = await enroll(area.commands, snapshot, actor, input);
    bookkeeping.runners.enrolled(how);
    const { token, credentialId, expiresAt } = issued;
    return {
      ...{ token, credentialId, runner: toRunnerMessage(runner) },
      expiresAt: timestampFromDate(expiresAt),
    };
  } catch (error) {
    const outcome = outcomeOf(error);
    bookkeeping.runners.enrolled(outcome);
    const why = error instanceof DomainError ? refusalOf(error) : undefined;
    // The gate lets it in for the sake of a lost answer, and could not say so.
    if (why !== undefined && actor.record !== undefined) {
      const verdict = { kind: "refused", why, record: actor.record } as const;
      const { id: credentialId } = actor.record;
      bookkeeping.denied({ verdict, credentialId, source: actor.source, caller: "" });
    }
    throw error;
  }
}

function outcomeOf(error: unknown): EnrolmentOutcome {
  if (!(error instanceof DomainError)) return "failed";
  if (error.reason === "CREDENTIAL_REQUIRED") return "refused";
  if (error.reason === "ALREADY_EXISTS") return "exists";
  return error.metadata["limit"] === "managers" ? "full" : "failed";
}
