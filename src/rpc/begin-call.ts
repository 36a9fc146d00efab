import type { Bearer } from "./admission/authorization.ts";
import { pinState, type Call, type Protocol } from "./call.ts";
import { noPeerIdentity, type RpcDeps } from "./deps.ts";
import { connectionOf, type Arrival } from "./transport/server-request.ts";

/** Begins the record of a call. `method` is `package.Service/Method` or "unknown". */
export function beginCall(
  deps: RpcDeps,
  method: string,
  protocol: Protocol,
  arrival: Arrival,
  bearer: Bearer,
): Call {
  const { identity = noPeerIdentity } = deps;
  const call: Call = {
    method,
    protocol,
    requestId: deps.newRequestId(),
    connection: connectionOf(arrival),
    proof: { bearer, certificate: identity.certificateOf(arrival) },
    state: undefined,
    revisionToken: "",
    snapshotAgeMs: undefined,
    admitted: false,
    peer: undefined,
    caller: "",
    permission: "",
    error: undefined,
    fault: undefined,
  };
  pinState(call, deps.replica.current());
  return call;
}
