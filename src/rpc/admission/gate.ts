import type { HandlerContext } from "@connectrpc/connect";
import type { CredentialArea } from "../../credentials/area.ts";
import { DomainError } from "../../domain/errors.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { callOf, pinState, type Call } from "../call.ts";
import { noPeerIdentity, type RpcDeps } from "../deps.ts";
import { failCall } from "../fail-call.ts";
import { watchTransportErrors } from "../transport/transport-error.ts";
import { admit, identify } from "./admit.ts";
import type { Peer } from "./peer.ts";
import { requireOpenGate } from "./closed-gate.ts";
import { judgeAgain, keepBooks, resolveCredential } from "./judge-credential.ts";
import { requirementOf } from "./method-table.ts";

/** What the gate needs of the floor. */
export type GateDeps = Pick<
  RpcDeps,
  "replica" | "clock" | "onKeyUse" | "identity" | "credentials"
> & {
  readonly options: Pick<RpcDeps["options"], "allowAnonymous">;
};

/**
 * The request gate of the router: admits or refuses a call by its head alone, before a byte of its body is
 * read, decompressed or parsed.
 */
export function createGate(deps: GateDeps): (context: HandlerContext) => void {
  return (context) => {
    const call = callOf(context.values);
    watchTransportErrors(context.signal, call);
    try {
      enter(deps, call);
    } catch (error) {
      throw failCall(call, context.service, error);
    }
  };
}

/**
 * Admits or refuses a call by its head alone, on the state that is current now; the way into every method, however the
 * call came. A call that was admitted before is left as it is. Throws as `identify` and `admit` do.
 */
export function enter(deps: GateDeps, call: Call): void {
  if (call.admitted) return;
  const now = deps.clock();
  pinState(call, deps.replica.current());
  try {
    admitCall(deps, call, now);
  } finally {
    keepBooks(deps, call);
  }
  call.admitted = true;
  const used = call.peer?.credential;
  if (used?.kind === "api_key") deps.onKeyUse(used.id, now);
}

/** An admitted call: who sent it, and the state that both admitted and answers it. */
export interface Admitted {
  readonly peer: Peer;
  readonly state: ReplicaState;
  /** What this process knows about credentials; undefined: nothing. */
  readonly area?: CredentialArea | undefined;
}

/**
 * Brings an admitted call to the state that is current now, and admits it again when that is another one
 * than before or when its credential has expired meanwhile: a body may take its time, and by then a key may be
 * revoked. A credential of a bot, a task or a runner is judged again in any case, since it may end with no other state. Fails as the
 * gate does.
 */
export function admitAgain(deps: GateDeps, call: Call): Admitted {
  const state = deps.replica.current();
  const now = deps.clock();
  let { peer } = call;
  const isJudged = call.proof.bearer.kind === "judged";
  if (isJudged || state !== call.state || peer === undefined || now.getTime() >= peer.expiresAt) {
    if (isJudged) judgeAgain(deps, call, state?.snapshot);
    pinState(call, state);
    peer = admitCall(deps, call, now);
  }
  if (state === undefined || peer === undefined) {
    throw new DomainError("STORAGE_UNAVAILABLE", "no usable snapshot");
  }
  return { peer, state, area: deps.credentials };
}

/** A call that shows a credential which its command judges, and the state that answers it. */
export interface AdmittedUnjudged {
  readonly token: string;
  readonly state: ReplicaState;
  readonly area?: CredentialArea | undefined;
}

/** The same as admitAgain for a method whose requirement is `unjudged`. */
export function admitUnjudged(deps: GateDeps, call: Call): AdmittedUnjudged {
  const state = deps.replica.current();
  pinState(call, state);
  admitCall(deps, call, deps.clock());
  const { bearer } = call.proof;
  if (state === undefined || bearer.kind !== "credential") {
    throw new DomainError("STORAGE_UNAVAILABLE", "no usable snapshot");
  }
  return { token: bearer.token, state, area: deps.credentials };
}

// The peer is noted before it is admitted, so that the log can say who was refused.
function admitCall(deps: GateDeps, call: Call, now: Date): Peer | undefined {
  const { proof, method, state } = call;
  const { allowAnonymous } = deps.options;
  const { certificateRules } = deps.identity ?? noPeerIdentity;
  call.peer = undefined;
  call.peer = identify({ proof, method, state, now, allowAnonymous, certificateRules });
  if (call.peer !== undefined && state !== undefined) admit(call.peer, call, state.snapshot);
  return call.peer;
}

/**
 * Finds out what a bearer of the call proves that the gate cannot judge by itself, since that may take time: a JWT, or a
 * credential of a bot, a task or a runner. So it comes before the gate. Undefined when it takes no time, when nobody asks who
 * the peer is, or when the command judges what is shown: then there is nothing to wait for. Throws for a method that an operator keeps
 * closed: then nobody looks at the bearer.
 */
export function resolveBearer(deps: GateDeps, call: Call): Promise<void> | undefined {
  requireOpenGate(deps, call.method);
  const { bearer, certificate } = call.proof;
  if (bearer.kind !== "unread_jwt" && bearer.kind !== "credential") return undefined;
  const kind = requirementOf(call.method)?.kind;
  if (certificate.kind === "bad" || kind === "public" || kind === "unjudged") return undefined;
  if (bearer.kind === "credential") return resolveCredential(deps, call, bearer);
  const { verifyJwt } = deps.identity ?? noPeerIdentity;
  return verifyJwt(bearer.token, deps.clock()).then((outcome) => {
    call.proof = { bearer: { kind: "jwt", outcome }, certificate };
  });
}
