import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  rotateCredential,
  type RotateCredentialInput,
} from "../../commands/runner/rotate-credential.ts";
import type { RotateCredentialResponseSchema } from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import type { CredentialCall } from "./begin-credential-call.ts";
import { judgedByCommand } from "./judged-by-command.ts";

/** Rotates a runner token, and counts it once it is done. */
export async function rotateToken(
  call: CredentialCall,
  input: RotateCredentialInput,
): Promise<MessageInitShape<typeof RotateCredentialResponseSchema>> {
  const { area, snapshot, actor } = call;
  const { issued, previousExpiresAt, isRepeated } = await judgedByCommand(call, () =>
    rotateCredential(area.commands, snapshot, actor, input),
  );
  if (!isRepeated) area.bookkeeping.runners.rotated();
  const { token, credentialId, expiresAt } = issued;
  return {
    ...{ token, credentialId },
    expiresAt: timestampFromDate(expiresAt),
    previousExpiresAt: timestampFromDate(previousExpiresAt),
  };
}
