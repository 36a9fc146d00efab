import { DomainError } from "../../domain/errors.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { authenticate, type Peer } from "./authenticate.ts";
import { requirementOf } from "./method-table.ts";

/**
 * Lets an authenticated peer call a method or throws: a method that the table does not have is refused,
 * and so is a peer that is not in the group that the method wants (GROUP_REQUIRED).
 */
export function admit(peer: Peer, method: string, snapshot: ReplicaState["snapshot"]): void {
  const requirement = requirementOf(method);
  if (requirement === undefined) throw missing(method);
  if (requirement.kind !== "group") return;
  const { group } = requirement;
  if (peer.keyId === "") throw credentialRequired();
  if (!snapshot.authDb.isMember(peer.identity, group)) {
    throw new DomainError("GROUP_REQUIRED", `${method} is for members of group "${group}"`, {
      method,
      group,
    });
  }
}

/** What tells who the peer is. */
export interface IdentifyInput {
  readonly authorization: readonly string[];
  readonly method: string;
  readonly state: ReplicaState | undefined;
  readonly now: Date;
  readonly allowAnonymous: boolean;
}

/**
 * Who wants to call a method. With `admit` after it this is the way into every method, in this order:
 * credential (CREDENTIAL_REQUIRED), method table, usable snapshot (STORAGE_UNAVAILABLE), group
 * (GROUP_REQUIRED). Returns undefined for a public method, whose peer nobody asks for.
 */
export function identify(input: IdentifyInput): Peer | undefined {
  const { authorization, method, state, now, allowAnonymous } = input;
  const requirement = requirementOf(method);
  if (requirement?.kind === "public") return undefined;
  const peer = authenticate(authorization, state, now, allowAnonymous);
  if (peer === "refused") throw credentialRequired();
  if (requirement === undefined) throw missing(method);
  if (requirement.kind === "group" && peer !== "unverifiable" && peer.keyId === "") {
    throw credentialRequired();
  }
  if (peer === "unverifiable" || state === undefined) {
    throw new DomainError("STORAGE_UNAVAILABLE", "no usable snapshot");
  }
  return peer;
}

function credentialRequired(): DomainError {
  return new DomainError("CREDENTIAL_REQUIRED", "no valid credential");
}

function missing(method: string): DomainError {
  return new DomainError("INTERNAL_FAULT", `the method table has no row for ${method}`);
}
