import type { Protocol } from "../call.ts";
import type { FastMethod } from "./fast-methods.ts";

/** What the fast path must know of the head of a request before it takes it. */
export interface Head {
  readonly method: FastMethod;
  readonly content: Content;
  /** The value of the one `authorization` header; undefined: there is none. */
  readonly authorization: string | undefined;
  /** The deadline that the client has set; undefined: none. */
  readonly timeoutMs: number | undefined;
  /** In what the client accepts answers, as its header says; undefined: it does not say. */
  readonly accepted: string | undefined;
}

/** A form of content that the fast path serves. */
export interface Content {
  readonly protocol: Extract<Protocol, "grpc" | "connect">;
  readonly format: "binary" | "json";
  /** What the answer is. */
  readonly answerType: string;
}

const grpc: Content = {
  protocol: "grpc",
  format: "binary",
  answerType: "application/grpc+proto",
};
const connectBinary: Content = {
  protocol: "connect",
  format: "binary",
  answerType: "application/proto",
};
const connectJson: Content = {
  protocol: "connect",
  format: "json",
  answerType: "application/json",
};

// As clients spell them. Other spellings that Connect takes come to the same, but slower.
const contents: ReadonlyMap<string, Content> = new Map([
  ["application/grpc", grpc],
  ["application/grpc+proto", grpc],
  ["application/proto", connectBinary],
  ["application/json", connectJson],
  ["application/json; charset=utf-8", connectJson],
]);

/**
 * Reads the head of a request from its raw names and values, where a header that came twice stands twice. Undefined:
 * it is not for the fast path, which takes nothing that it does not know to the last sign. Has no effect.
 */
export function readHead(
  raw: readonly string[],
  methods: ReadonlyMap<string, FastMethod>,
  maxBytes: number,
  maxTimeoutMs: number,
): Head | undefined {
  let method: FastMethod | undefined;
  let content: Content | undefined;
  let isPost = false;
  let isEncodingSaid = false;
  let authorization: string | undefined;
  let grpcTimeout: string | undefined;
  let connectTimeout: string | undefined;
  let grpcAccepted: string | undefined;
  let connectAccepted: string | undefined;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const value = raw[index + 1] ?? "";
    switch (raw[index]) {
      case ":method":
        isPost = value === "POST";
        break;
      case ":path":
        method = methods.get(value);
        if (method === undefined) return undefined;
        break;
      case "content-type":
        if (content !== undefined) return undefined;
        content = contents.get(value);
        if (content === undefined) return undefined;
        break;
      case "authorization":
        if (authorization !== undefined) return undefined;
        authorization = value;
        break;
      case "grpc-timeout":
        if (grpcTimeout !== undefined) return undefined;
        grpcTimeout = value;
        break;
      case "connect-timeout-ms":
        if (connectTimeout !== undefined) return undefined;
        connectTimeout = value;
        break;
      case "grpc-accept-encoding":
        if (grpcAccepted !== undefined) return undefined;
        grpcAccepted = value;
        break;
      case "accept-encoding":
        if (connectAccepted !== undefined) return undefined;
        connectAccepted = value;
        break;
      case "grpc-encoding":
        // Node joins what comes twice, and nobody knows the encoding "identity, identity".
        if (isEncodingSaid || value !== "identity") return undefined;
        isEncodingSaid = true;
        break;
      case "content-encoding":
        if (value !== "identity") return undefined;
        break;
      case "content-length":
        if (!(Number(value) <= maxBytes)) return undefined;
        break;
      // Node has an answer of its own to it.
      case "expect":
        return undefined;
      default:
    }
  }
  if (method === undefined || content === undefined || !isPost) return undefined;
  const isGrpc = content.protocol === "grpc";
  const timeout = isGrpc ? grpcTimeout : connectTimeout;
  let timeoutMs: number | undefined;
  if (timeout !== undefined) {
    timeoutMs = isGrpc ? readGrpcTimeout(timeout) : readConnectTimeout(timeout);
    if (timeoutMs === undefined || timeoutMs > maxTimeoutMs) return undefined;
  }
  const accepted = isGrpc ? grpcAccepted : connectAccepted;
  return { method, content, authorization, timeoutMs, accepted };
}

const unitMs: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** The milliseconds that a `grpc-timeout` says; undefined: it is malformed. */
function readGrpcTimeout(text: string): number | undefined {
  if (!/^\d{1,8}[HMSmun]$/.test(text)) return undefined;
  return Number(text.slice(0, -1)) * (unitMs[text.slice(-1)] ?? Infinity);
}

/** The milliseconds that a `connect-timeout-ms` says; undefined: it is malformed. */
function readConnectTimeout(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
