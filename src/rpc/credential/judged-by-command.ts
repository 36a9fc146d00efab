import { refusalOf } from "../../commands/credential/credential-refused.ts";
import { DomainError } from "../../domain/errors.ts";
import type { CredentialCall } from "./begin-credential-call.ts";

/**
 * Runs the command of a method that lets in what may have been used up or rotated, and tells what became of the peer's credential: the
 * command decides that under a lock, so the gate has told nothing of it.
 */
export async function judgedByCommand<Done>(
  call: CredentialCall,
  run: () => Promise<Done>,
): Promise<Done> {
  try {
    const done = await run();
    tellUsed(call);
    return done;
  } catch (error) {
    const { area, actor } = call;
    const { record, source } = actor;
    const why = error instanceof DomainError ? refusalOf(error) : undefined;
    if (record !== undefined && why !== undefined) {
      const verdict = { kind: "refused", why, record } as const;
      area.bookkeeping.denied({ verdict, credentialId: record.id, source, caller: "" });
    } else if (!isDoubtful(call)) tellUsed(call);
    throw error;
  }
}

function tellUsed({ area: { bookkeeping, identifier }, actor }: CredentialCall): void {
  const { record, use } = actor;
  if (record === undefined || use === undefined) return;
  bookkeeping.used({ kind: "good", record, use }, identifier.databaseNow(), actor);
}

// Whether the command alone could have said that it is good. One that failed for another reason has said nothing.
function isDoubtful({ area, actor: { record } }: CredentialCall): boolean {
  if (record === undefined) return false;
  return record.usedAt !== undefined || area.identifier.databaseNow() >= record.expiresAt;
}
