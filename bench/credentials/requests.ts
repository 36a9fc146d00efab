import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  BatchIdentifyCallersRequestSchema,
  BatchIdentifyCallersResponseSchema,
  CallerService,
  IdentifyCallerRequestSchema,
  IdentifyCallerResponseSchema,
  type IdentifyCallerResponse,
} from "../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import type { Answer } from "../peers/load/lean-session.ts";
import { frameMessage } from "../transport/frames.ts";
import { batchSize, type Method, type TaskToken, type Wire } from "./messages.ts";
import { audience } from "./world.ts";

/** The path of the method. */
export function pathOf(method: Method): string {
  const { name } =
    CallerService.method[method === "identify" ? "identifyCaller" : "batchIdentifyCallers"];
  return `/${CallerService.typeName}/${name}`;
}

/** A request, complete, and the tokens that it is about. */
export interface PreparedRequest {
  readonly body: Uint8Array;
  readonly tokens: readonly TaskToken[];
}

/** Requests about tokens: one each, or as many as fit into batches that are full. */
export function prepareRequests(
  wire: Wire,
  method: Method,
  tokens: readonly TaskToken[],
): readonly PreparedRequest[] {
  if (method === "identify") {
    return tokens.map((one) => ({
      body: frameMessage(wire, toBinary(IdentifyCallerRequestSchema, requestOf(one))),
      tokens: [one],
    }));
  }
  return Array.from({ length: Math.floor(tokens.length / batchSize) }, (_, index) => {
    const some = tokens.slice(index * batchSize, (index + 1) * batchSize);
    const message = create(BatchIdentifyCallersRequestSchema, { requests: some.map(requestOf) });
    const bytes = toBinary(BatchIdentifyCallersRequestSchema, message);
    return { body: frameMessage(wire, bytes), tokens: some };
  });
}

function requestOf({ token }: TaskToken) {
  return create(IdentifyCallerRequestSchema, { token, audience });
}

/** What is wrong with how a call ended; undefined: nothing. */
export function checkStatus({ failure, http, grpc }: Answer): string | undefined {
  if (failure !== "") return failure;
  if (http === "200" && (grpc === "" || grpc === "0")) return undefined;
  return `an answer had the status ${http}/${grpc}`;
}

/** What is wrong with what an answer says; undefined: it names the tasks whose tokens they are. */
export function checkCallers(
  wire: Wire,
  method: Method,
  { body }: Answer,
  { tokens }: PreparedRequest,
): string | undefined {
  const bytes = wire === "gRPC" ? body.subarray(5) : body;
  const callers = method === "identify" ? [readOne(bytes)] : readBatch(bytes);
  const wrong = tokens.findIndex(({ taskId }, at) => callers[at] !== `task:${taskId}`);
  if (wrong < 0) return undefined;
  return `an answer said ${callers[wrong] ?? "nobody"} for a token of task:${tokens[wrong]?.taskId}`;
}

function readOne(bytes: Uint8Array): string {
  return nameOf(fromBinary(IdentifyCallerResponseSchema, bytes));
}

function readBatch(bytes: Uint8Array): readonly string[] {
  return fromBinary(BatchIdentifyCallersResponseSchema, bytes).outcomes.map(
    ({ status, response }) =>
      response === undefined ? `nobody, code ${status?.code}` : nameOf(response),
  );
}

// Without the assertion an answer would cost less than it does.
function nameOf({ caller, assertion }: IdentifyCallerResponse): string {
  return assertion === "" ? "nothing that is signed" : (caller?.identity ?? "nobody");
}
