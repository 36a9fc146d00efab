import { requireImporter } from "../../commands/group/authorise.ts";
import type { CredentialKind } from "../../domain/credential/kinds.ts";
import { taskStateAt } from "../../domain/credential/gates.ts";
import { taskNotActive } from "../../domain/credential/task-not-active.ts";
import { DomainError } from "../../domain/errors.ts";
import { rootGroup } from "../../domain/names.ts";
import { withoutStack } from "../../domain/without-stack.ts";
import { isReader } from "../../engine/reader.ts";
import { certificateAt } from "../../identity/certificate-validity.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { authenticate, type AuthenticateRules, type Proof } from "./authenticate.ts";
import type { Peer } from "./peer.ts";
import { wouldBeAdministrator } from "./would-be-administrator.ts";
import { requirementOf, wantsIdentity } from "./method-table.ts";

/** A call, as far as it matters to who may make it. */
export interface AdmitInput {
  readonly proof: Proof;
  readonly method: string;
}

/**
 * Lets an authenticated peer call a method or throws: a method that the table does not have is refused, and so is a
 * task that may only report (TASK_NOT_ACTIVE) and a peer that is not in the group that the method wants (GROUP_REQUIRED).
 */
export function admit(
  peer: Peer,
  { proof, method }: AdmitInput,
  snapshot: ReplicaState["snapshot"],
): void {
  const requirement = requirementOf(method);
  if (requirement === undefined) throw missing(method);
  requireActive(peer, { proof, method });
  if (asksForAdministrators(method) && wouldBeAdministrator(peer, snapshot)) {
    throw noAdministrator(method);
  }
  if (!wantsIdentity(requirement)) return;
  if (isAnonymous(peer)) throw anonymousRefused();
  if (requirement.kind === "reader" && !isReader(snapshot, peer.identity)) {
    throw readersOnly(method);
  }
  if (requirement.kind === "importer") requireImporter(snapshot, peer.identity);
  if (requirement.kind !== "group") return;
  const { group } = requirement;
  if (!snapshot.authDb.isMember(peer.identity, group)) {
    throw groupRequired(`${method} is for members of group "${group}"`, { method, group });
  }
}

/** Refuses a task that may only report, except where there is something to report (TASK_NOT_ACTIVE). */
export function requireActive({ record, use }: Peer, { proof, method }: AdmitInput): void {
  const { bearer } = proof;
  if (use !== "report" || bearer.kind !== "judged") return;
  if (requirementOf(method)?.reporting !== "refused" || record?.subject.kind !== "task") return;
  throw taskNotActive(taskStateAt(record.subject, bearer.judgedAt));
}

// AclService asks nobody who is an administrator, and the services of credentials look for themselves (require-permission.ts).
const otherPackages = ["fleetgate.acl.v1.", "fleetgate.credential.v1."];

function asksForAdministrators(method: string): boolean {
  return !otherPackages.some((name) => method.startsWith(name));
}

function noAdministrator(method: string): DomainError {
  const message = `${method}: the credential of a bot, a task or a runner makes nobody a member of "${rootGroup}", and this one's identity is in it`;
  return groupRequired(message, { method, group: rootGroup });
}

/**
 * GROUP_REQUIRED for a method that is for readers, or for such a `use` of it (" about others"). The readers group of
 * the settings is not named: its name is nothing for strangers.
 */
export function readersOnly(method: string, use = ""): DomainError {
  const group = rootGroup;
  const who = `members of group "${group}" and of the readers group of the settings`;
  const message = `${method}${use} is for readers: ${who}`;
  return groupRequired(message, { method, group });
}

function groupRequired(message: string, names: Readonly<Record<string, string>>): DomainError {
  return withoutStack(() => new DomainError("GROUP_REQUIRED", message, names));
}

/** What tells who the peer is. */
export interface IdentifyInput extends AdmitInput, Omit<AuthenticateRules, "accepts"> {
  readonly state: ReplicaState | undefined;
  readonly now: Date;
}

/**
 * Who wants to call a method. With `admit` after it this is the way into every method, in this order:
 * credential (CREDENTIAL_REQUIRED), method table, usable snapshot (STORAGE_UNAVAILABLE), state of the task whose
 * credential it is (TASK_NOT_ACTIVE), group (GROUP_REQUIRED). Returns undefined for a public method, whose peer nobody asks for, and for one
 * that judges by itself what is shown.
 */
export function identify(input: IdentifyInput): Peer | undefined {
  const { proof, method, state, now } = input;
  const requirement = requirementOf(method);
  if (requirement?.kind === "public") return undefined;
  const accepts = requirement?.accepts ?? noKind;
  if (requirement?.kind === "unjudged") {
    requireShown(proof, now, accepts);
    if (state === undefined) throw noSnapshot();
    return undefined;
  }
  const found = authenticate(proof, state, now, { ...input, accepts });
  if (found.kind === "refused") throw credentialRequired(found.why);
  if (requirement === undefined) throw missing(method);
  if (wantsIdentity(requirement) && found.kind === "peer" && isAnonymous(found.peer)) {
    throw anonymousRefused();
  }
  if (found.kind === "unverifiable") throw unverifiable(found.why, found.cause);
  if (found.kind === "too_many") throw tooMany();
  if (found.kind === "not_active") throw taskNotActive(found.state);
  if (state === undefined) throw noSnapshot();
  return found.peer;
}

/** Refuses whatever is no credential of an accepted kind by its text, as it is refused everywhere. */
function requireShown(
  { bearer, certificate }: Proof,
  now: Date,
  accepts: ReadonlySet<CredentialKind>,
): void {
  if (certificateAt(certificate, now.getTime()).kind === "bad") {
    throw credentialRequired("the client certificate is not valid");
  }
  if (bearer.kind !== "credential" || !accepts.has(bearer.is)) {
    throw credentialRequired("the one credential that the method wants is not shown");
  }
}

function noSnapshot(): DomainError {
  return new DomainError("STORAGE_UNAVAILABLE", "no usable snapshot");
}

const noKind: ReadonlySet<CredentialKind> = new Set();

function unverifiable(why: string, cause: unknown): DomainError {
  return new DomainError("STORAGE_UNAVAILABLE", why, {}, cause === undefined ? {} : { cause });
}

function tooMany(): DomainError {
  return withoutStack(() => new DomainError("TOO_MANY_ATTEMPTS", "too many unknown credentials"));
}

function isAnonymous({ credential }: Peer): boolean {
  return credential.kind === "none";
}

function anonymousRefused(): DomainError {
  return credentialRequired("anonymous peers may not call this method");
}

// Whoever knows the address can bring it about, as often as it likes.
function credentialRequired(why: string): DomainError {
  return withoutStack(() => new DomainError("CREDENTIAL_REQUIRED", why));
}

function missing(method: string): DomainError {
  return new DomainError("INTERNAL_FAULT", `the method table has no row for ${method}`);
}
