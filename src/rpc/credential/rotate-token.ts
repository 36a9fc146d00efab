import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  rotateCredential,
  type RotateCredentialInput,
} from "../../commands/runner/rotate-credential.ts";
import { DomainError } from "../../domain/errors.ts";
import type { RotateCredentialResponseSchema } from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import type { CredentialCall } from "./begin-credential-call.ts";

/** Rotates a runner token, and counts it once it is done. */
export async function rotateToken(
  { area, snapshot, actor }: CredentialCall,
  input: RotateCredentialInput,
): Promise<MessageInitShape<typeof RotateCredentialResponseSchema>> {
  const { bookkeeping, identifier } = area;
  try {
    const rotated = await rotateCredential(area.commands, snapshot, actor, input);
    if (!rotated.isRepeated) bookkeeping.runners.rotated();
    const { token, credentialId, expiresAt } = rotated.issued;
    return {
      ...{ token, credentialId },
      expiresAt: timestampFromDate(expiresAt),
      previousExpiresAt: timestampFromDate(rotated.previousExpiresAt),
    };
  } catch (error) {
    const { record, source } = actor;
    const isRefused = error instanceof DomainError && error.reason === "CREDENTIAL_REQUIRED";
    // It was let in for the sake of a lost answer, and shows a copy instead: elsewhere the gate had said so.
    if (
      isRefused &&
      record?.rotatedAt !== undefined &&
      identifier.databaseNow() >= record.expiresAt
    ) {
      const verdict = { kind: "refused", why: "rotated", record } as const;
      bookkeeping.denied({ verdict, credentialId: record.id, source, caller: "" });
    }
    throw error;
  }
}
