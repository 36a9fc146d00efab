import type { HandlerContext } from "@connectrpc/connect";
import type { CredentialArea } from "../../credentials/area.ts";
import type { Actor } from "../../credentials/deps.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { requireOpenGate } from "../admission/closed-gate.ts";
import { admitAgain } from "../admission/gate.ts";
import { callOf, sourceOf, type Call } from "../call.ts";
import type { RpcDeps } from "../deps.ts";

/** A call about credentials that may go on. */
export interface CredentialCall {
  readonly area: CredentialArea;
  readonly actor: Actor;
  /** What realm permissions are judged on. */
  readonly snapshot: Snapshot;
  /** The revision token of that snapshot. */
  readonly revisionToken: string;
}

/** Begins a call once its body is read: admits it again if the state has changed meanwhile, unless an operator has closed the method. */
export function beginCredentialCall(deps: RpcDeps, context: HandlerContext): CredentialCall {
  return goOn(deps, callOf(context.values));
}

/** The same for a call that did not come through Connect. */
export function goOn(deps: RpcDeps, call: Call): CredentialCall {
  requireOpenGate(deps, call.method);
  const { peer, state } = admitAgain(deps, call);
  const { credentials: area } = deps;
  if (area === undefined) {
    throw new DomainError("STORAGE_UNAVAILABLE", "this server keeps no credentials");
  }
  const actor: Actor = {
    identity: peer.identity,
    caller: peer.identity,
    record: peer.record,
    use: peer.use,
    source: sourceOf(call),
    requestId: call.requestId,
  };
  return { area, actor, snapshot: state.snapshot, revisionToken: state.revisionToken };
}
