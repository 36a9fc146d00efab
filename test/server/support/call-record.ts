import type { CallRecord } from "../../../src/rpc/call.ts";

/** A call that was permitted, with the given differences. */
export function callRecord(differences: Partial<CallRecord> = {}): CallRecord {
  return {
    method: "fleetgate.acl.v1.AclService/CheckPoolPerm",
    protocol: "grpc",
    requestId: "r1",
    ms: 1.23456,
    code: "ok",
    reason: "",
    peer: "service:scheduler",
    credential: "api_key 0123456789abcdef",
    caller: "user:ann@example.com",
    permission: "swarming.pools.listBots",
    message: "",
    cause: undefined,
    ...differences,
  };
}

/** A call that was denied. */
export function deniedRecord(differences: Partial<CallRecord> = {}): CallRecord {
  return callRecord({
    code: "permission_denied",
    reason: "PERMISSION_DENIED",
    message: 'caller "user:ann@example.com" has no permission',
    ...differences,
  });
}
