import type { Buffer } from "node:buffer";
import { fromBinary, type DescMessage, type Message } from "@bufbuild/protobuf";
import {
  AclService,
  BatchCheckResponseSchema,
} from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { AnswerKind, RequestSet } from "../messages.ts";
import { decodeCheckResources, withoutCallId } from "../world/cerbos-wire.ts";
import type { Answer } from "./lean-session.ts";

/** What is wrong with the answer to the request of that number; undefined: nothing. */
export type CheckAnswer = (answer: Answer, index: number) => string | undefined;

/**
 * Looks at every answer. A body is decoded when it comes for the first time; later ones must be the same bytes, or are
 * decoded again, so that checking costs the load little.
 */
export function createAnswerCheck(set: RequestSet, answer: AnswerKind): CheckAnswer {
  if (answer === "fixed") return isGood;
  if (answer === "status") return checkStatus(set);
  const seen: Buffer[] = [];
  const read = readers[answer];
  const essence = answer === "cerbos" ? cutCallId : whole;
  return (got, index) => {
    const wrong = isGood(got);
    if (wrong !== undefined) return wrong;
    const bytes = essence(got.body);
    const before = seen[index];
    if (before !== undefined && before.equals(bytes)) return undefined;
    const wanted = set.expected[index] ?? new Uint8Array();
    const answers = read(bytes.subarray(5), wanted.length);
    const differs = wanted.findIndex((value, place) => answers[place] !== value);
    if (answers.length !== wanted.length || differs >= 0) {
      return `request ${index} was answered otherwise than expected, at check ${differs}`;
    }
    seen[index] = bytes;
    return undefined;
  };
}

/** Whether the body of an answer must be kept to be checked. */
export function needsBody(answer: AnswerKind): boolean {
  return answer !== "fixed" && answer !== "status";
}

function isGood({ failure, http, grpc }: Answer): string | undefined {
  if (failure !== "") return failure;
  if (http === "200" && (grpc === "" || grpc === "0")) return undefined;
  return `an answer had the status ${http}/${grpc}`;
}

function checkStatus({ wire, expected }: RequestSet): CheckAnswer {
  const wanted = expected.map(([permitted]) => {
    if (wire === "gRPC") return permitted === 1 ? "200/0" : "200/7";
    return permitted === 1 ? "200/" : "403/";
  });
  return ({ failure, http, grpc }, index) => {
    if (failure !== "") return failure;
    const status = `${http}/${grpc}`;
    return status === wanted[index]
      ? undefined
      : `an answer had the status ${status}, not ${wanted[index]}`;
  };
}

type ReadAnswers = (bytes: Uint8Array, count: number) => Uint8Array;

const readers: Readonly<Record<"batch" | "packed" | "cerbos", ReadAnswers>> = {
  batch: (bytes) =>
    Uint8Array.from(fromBinary(BatchCheckResponseSchema, bytes).outcomes, ({ status }) => {
      const code = status?.code ?? 0;
      return code === 0 ? 1 : code === 7 ? 0 : 255;
    }),
  packed: (bytes, count) => {
    const { permitted } = fromBinary(packedResponse(), bytes) as PackedResponse;
    if (permitted.length !== Math.ceil(count / 8)) return new Uint8Array();
    return Uint8Array.from({ length: count }, (_, at) => {
      return ((permitted[at >> 3] ?? 0) >> (at & 7)) & 1;
    });
  },
  cerbos: (bytes) => decodeCheckResources(bytes),
};

type PackedResponse = Message & { readonly permitted: Uint8Array };

function packedResponse(): DescMessage {
  const method = AclService.methods.find(({ name }) => name === "BatchCheckPacked");
  if (method === undefined) throw new Error("there is no BatchCheckPacked");
  return method.output;
}

function whole(body: Buffer): Buffer {
  return body;
}

// The length before the message stays, and with it what the id adds; it is always as long.
function cutCallId(body: Buffer): Buffer {
  return body.subarray(0, 5 + withoutCallId(body.subarray(5)).length);
}
