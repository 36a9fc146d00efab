import type { Actor } from "../../credentials/deps.ts";
import type { CredentialKind } from "../../domain/credential/kinds.ts";
import type { BotSubject, CredentialRecord } from "../../domain/credential/subject.ts";
import { DomainError } from "../../domain/errors.ts";
import { withoutStack } from "../../domain/without-stack.ts";
import { credentialRefused } from "../credential/credential-refused.ts";

/** A bot by its own boot token or session. */
export interface OwnBot extends Actor {
  readonly record: CredentialRecord & { readonly subject: BotSubject };
}

const accepted: ReadonlySet<CredentialKind> = new Set(["boot", "session"]);

/**
 * Whether a request is of a bot about itself, by its id or without one. A bot may name no other bot (PERMISSION_REQUIRED, as
 * for one that does not exist), whatever its realm gives it; other tokens are not for this (CREDENTIAL_REQUIRED).
 */
export function isOwnBot(actor: Actor, id: string): actor is OwnBot {
  const { record } = actor;
  if (record === undefined) return false;
  if (!accepted.has(record.kind)) {
    throw credentialRefused(`a ${record.kind} token is not for this method`);
  }
  if (id !== "" && id !== record.subject.id) throw notItself();
  return true;
}

/** The error for what a bot may not do, PERMISSION_REQUIRED. */
export function notItself(): DomainError {
  const permission = "fleetgate.bots.manage";
  const message = `${permission} is required in the realm, or there is no such thing there`;
  return withoutStack(() => new DomainError("PERMISSION_REQUIRED", message, { permission }));
}
