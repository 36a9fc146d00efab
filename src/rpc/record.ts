import { Code, type ConnectError } from "@connectrpc/connect";
import { codeFromHttpStatus, codeToString } from "@connectrpc/connect/protocol-connect";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.ts";
import type { PeerCredential } from "./admission/peer.ts";
import type { Call, CallRecord } from "./call.ts";
import type { WireStatus } from "./status/wire-status.ts";

const explained: ReadonlySet<Code> = new Set([
  Code.Internal,
  Code.Unavailable,
  Code.Unknown,
  Code.Unauthenticated,
]);

/** What is told about a call that ended with a status of ours; undefined: it went well. */
export function recordOfStatus(call: Call, ms: number, status: WireStatus | undefined): CallRecord {
  return {
    method: call.method,
    protocol: call.protocol,
    requestId: call.requestId,
    ms,
    peer: call.peer?.identity ?? "",
    credential: describe(call.peer?.credential),
    caller: call.caller,
    permission: call.permission,
    code: status === undefined ? "ok" : codeToString(status.code),
    reason: status?.reason ?? "",
    message: status?.message ?? "",
    cause: causeOf(call, status),
  };
}

function causeOf({ fault }: Call, status: WireStatus | undefined): unknown {
  if (status === undefined) return fault;
  return explained.has(status.code) ? status.cause : undefined;
}

/** What is told about a call: from the error that it ended with, or else from the HTTP status. */
export function recordOf(call: Call, ms: number, httpStatus: number): CallRecord {
  const { error, method, protocol, requestId, caller, permission } = call;
  const peer = call.peer?.identity ?? "";
  const credential = describe(call.peer?.credential);
  const common = { method, protocol, requestId, ms, peer, credential, caller, permission };
  if (error !== undefined) {
    return {
      ...common,
      code: codeToString(error.code),
      reason: reasonOf(error),
      message: error.rawMessage,
      cause: explained.has(error.code) ? error.cause : undefined,
    };
  }
  const good = httpStatus === 200;
  return {
    ...common,
    code: good ? "ok" : codeToString(codeFromHttpStatus(httpStatus)),
    reason: "",
    message: good ? "" : `HTTP status ${httpStatus}`,
    cause: call.fault,
  };
}

function describe(credential: PeerCredential | undefined): string {
  if (credential === undefined || credential.kind === "none") return "";
  return `${credential.kind} ${credential.id}`;
}

function reasonOf(error: ConnectError): string {
  return error.findDetails(ErrorInfoSchema)[0]?.reason ?? "";
}
