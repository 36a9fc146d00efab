import type { CredentialKind } from "../../domain/credential/kinds.ts";
import type { CredentialRecord } from "../../domain/credential/subject.ts";
import type { TaskState } from "../../domain/credential/task-states.ts";
import type { Identity } from "../../domain/identity.ts";

/** The authenticated sender of a call. */
export interface Peer {
  readonly identity: Identity;
  readonly credential: PeerCredential;
  /** When the credential stops to prove anything, in ms since 1970; Infinity: never. */
  readonly expiresAt: number;
  /** The credential of a bot, a task or a runner; undefined: it is another one. */
  readonly record?: CredentialRecord | undefined;
  /** What such a credential is good for; a task's may be good for reporting alone. */
  readonly use?: "all" | "report";
}

/** By what a peer has proven its identity. The id is no secret: it may be logged. */
export interface PeerCredential {
  readonly kind: "none" | "api_key" | "jwt" | "certificate" | CredentialKind;
  /**
   * The id of the API key or of the credential of a bot, a task or a runner, the issuer of the JWT, the fingerprint of the certificate;
   * empty for "none".
   */
  readonly id: string;
}

/** Who sends a call, or why nobody can be told. `why` is for the log only, and holds nothing of the proof. */
export type Authenticated =
  | { readonly kind: "peer"; readonly peer: Peer }
  /** The credential proves nothing, or there is none and there must be one. */
  | { readonly kind: "refused"; readonly why: string }
  /** It has the form of a credential, but what could tell is not loaded. */
  | { readonly kind: "unverifiable"; readonly why: string; readonly cause?: unknown }
  /** It is the right one of a task that has ended or is to stop. */
  | { readonly kind: "not_active"; readonly state: TaskState }
  /** Too many that nobody knows came from there. */
  | { readonly kind: "too_many" };
