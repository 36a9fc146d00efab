import { createContextKey, type ConnectError, type ContextKey } from "@connectrpc/connect";
import type { ReplicaState } from "../replica/state.ts";
import type { Proof } from "./admission/authenticate.ts";
import type { Peer } from "./admission/peer.ts";
import { boundText } from "./bounded-text.ts";
import { addressOf } from "./transport/address-of.ts";

/** What is told about a call when it is over, for the log and the metrics. Never holds a credential. */
export interface CallRecord {
  /** `fleetgate.acl.v1.AclService/CheckPoolPerm`; "unknown" when the path is none of ours. */
  readonly method: string;
  /** `grpc`, `grpc-web` or `connect`. */
  readonly protocol: Protocol;
  readonly requestId: string;
  /** Milliseconds from the head of the request to the end of the answer. */
  readonly ms: number;
  /** The status in Connect's spelling: `ok`, `permission_denied`, ... */
  readonly code: string;
  /** The reason of the ErrorInfo in the answer; empty when it has none. */
  readonly reason: string;
  /** The identity that the credential proves; empty when the call was not admitted. */
  readonly peer: string;
  /**
   * Kind and id of that credential: `api_key <id>`, `jwt <issuer>`, `certificate <fingerprint>`, `session <id>`, `task <id>`; or
   * empty.
   */
  readonly credential: string;
  /** The identity whose permission was checked; empty when there was none. */
  readonly caller: string;
  readonly permission: string;
  /** The message of the answer, or what went wrong on the way; empty when nothing did. */
  readonly message: string;
  /** Why an answer, or a check of a batch, was INTERNAL, UNAVAILABLE or UNAUTHENTICATED. For the log only. */
  readonly cause: unknown;
}

/** The protocols that we speak. */
export type Protocol = "grpc" | "grpc-web" | "connect";

/** What is known of a call while it runs. One object a call, filled in as the call proceeds. */
export interface Call {
  readonly method: string;
  readonly protocol: Protocol;
  readonly requestId: string;
  /** The same object in all calls of one connection, and in no other call. Its address is that of `sourceOf`. */
  readonly connection: object;
  /** What the peer offers to prove who it is. */
  proof: Proof;
  /** The state that the answer is made from; undefined when there is no usable one. */
  state: ReplicaState | undefined;
  /** What the header `fleetgate-revision` says; empty: no header. */
  revisionToken: string;
  /** What the header of the snapshot's age is made from; undefined: no header. */
  snapshotAgeMs: number | undefined;
  /** Whether the gate has let the call in. */
  admitted: boolean;
  peer: Peer | undefined;
  caller: string;
  permission: string;
  /** The error that the call ends with. */
  error: ConnectError | undefined;
  /** Why a check of a batch that as a whole goes well could not be made; undefined: all could. */
  fault: unknown;
}

/** Under which key handlers, interceptors and the gate find the call. */
export const kCall: ContextKey<Call | undefined> = createContextKey<Call | undefined>(undefined, {
  description: "call",
});

/** The call that a context belongs to. Its absence is a fault of the wiring. */
export function callOf(values: { get<T>(key: ContextKey<T>): T }): Call {
  const call = values.get(kCall);
  if (call === undefined) throw new Error("the call did not come through the rpc handler");
  return call;
}

/** The address that a call came from, as its connection says, never a header; empty: not known. */
export function sourceOf({ connection }: Pick<Call, "connection">): string {
  return addressOf(connection);
}

const maxNotedBytes = 512;

/** Notes for log and metrics what a call asks about; a caller of "" is to be filled in with the peer. */
export function noteQuestion(call: Call, caller: string, permission: string): void {
  call.caller = boundText(caller, maxNotedBytes);
  call.permission = boundText(permission, maxNotedBytes);
}

/** Makes `state` the one that the answer is made from. */
export function pinState(call: Call, state: ReplicaState | undefined): void {
  call.state = state;
  call.revisionToken = state?.revisionToken ?? "";
}
