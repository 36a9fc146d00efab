import { Buffer } from "node:buffer";
import {
  create,
  fromBinary,
  fromJsonString,
  toBinary,
  toJsonString,
  type DescMessage,
  type DescService,
  type Message,
} from "@bufbuild/protobuf";
import type { Call } from "../call.ts";
import type { Failure } from "../errors.ts";
import { failureIn } from "../fail-call.ts";
import { jsonOptions } from "../json-options.ts";
import type { Reply } from "../reply.ts";
import { maxAclBytes, type MethodHandler } from "../router.ts";
import { findUnknownField } from "../unknown-fields.ts";
import { compileDecoder } from "./decode-message.ts";
import { compileEncoder } from "./encode-message.ts";

/** How requests are read and responses are written in one format. */
export interface Format {
  /** Reads the request that begins at `from`. Undefined: the stock handler must say what is wrong with it. */
  readonly read: (bytes: Buffer, from: number) => object | undefined;
  readonly write: (response: object) => Uint8Array;
  /** Whether what is written is nearly always the same object as the time before: it says nothing of anybody, and is kept anyway. */
  readonly repeats: boolean;
}

/**
 * Answers an admitted call. Undefined: the answer has to be waited for, and nothing has happened that does not come to the same
 * when the stock handler does it again. A failure may be thrown as well.
 */
export type AnswerAtOnce = (call: Call, request: object) => Reply<object> | undefined;

/** A service whose unary methods can mostly be answered without waiting. */
export interface ServiceAtOnce {
  readonly service: DescService;
  /** By the local names of the methods: of every unary one. */
  readonly answers: ReadonlyMap<string, AnswerAtOnce>;
}

/** A method as the fast path serves it. */
export interface FastMethod {
  /** `package.Service/Method`. */
  readonly name: string;
  /** What serves the calls that the fast path does not finish. */
  readonly stock: MethodHandler;
  readonly answer: AnswerAtOnce;
  /** What a thrown value comes to. */
  readonly toFailure: (error: unknown) => Failure;
  readonly binary: Format;
  readonly json: Format;
}

/** The unary methods of services by their paths, from the descriptors; their handlers by `package.Service/Method`. */
export function createFastMethods(
  services: readonly ServiceAtOnce[],
  handlers: ReadonlyMap<string, MethodHandler>,
): ReadonlyMap<string, FastMethod> {
  const byPath = new Map<string, FastMethod>();
  for (const { service, answers } of services) {
    for (const method of service.methods) {
      if (method.methodKind !== "unary") continue;
      const name = `${service.typeName}/${method.name}`;
      const stock = handlers.get(name);
      const answer = answers.get(method.localName);
      if (stock === undefined || answer === undefined) throw new Error(`nothing serves ${name}`);
      if (stock.maxBytes !== maxAclBytes) throw new Error(`${name} has a limit of its own`);
      const { input, output } = method;
      byPath.set(`/${name}`, {
        ...{ name, stock, answer },
        toFailure: (error) => failureIn(service, error),
        binary: {
          read: binaryReader(input),
          ...onceForToken(output, binaryWriter(output)),
        },
        json: {
          read: jsonReader(input),
          ...onceForToken(output, (response) =>
            Buffer.from(toJsonString(output, messageOf(output, response), jsonOptions)),
          ),
        },
      });
    }
  }
  return byPath;
}

function binaryReader(schema: DescMessage): Format["read"] {
  const decode = compileDecoder(schema);
  return (bytes, from) => decode(bytes, from) ?? fullyDecoded(schema, bytes.subarray(from));
}

function binaryWriter(schema: DescMessage): Format["write"] {
  return compileEncoder(schema) ?? ((response) => toBinary(schema, messageOf(schema, response)));
}

function messageOf(schema: DescMessage, response: object): Message {
  return create(schema, response as Readonly<Record<string, unknown>>);
}

function fullyDecoded(schema: DescMessage, bytes: Buffer): Message | undefined {
  try {
    const message = fromBinary(schema, bytes);
    return findUnknownField(schema, message) === undefined ? message : undefined;
  } catch {
    return undefined;
  }
}

function jsonReader(schema: DescMessage): Format["read"] {
  const text = new TextDecoder();
  return (bytes, from) => {
    try {
      return fromJsonString(schema, text.decode(bytes.subarray(from)), jsonOptions);
    } catch {
      return undefined;
    }
  };
}

// Nearly all responses say nothing but the token, and so are the same until the state changes.
function onceForToken(
  output: DescMessage,
  write: Format["write"],
): Pick<Format, "write" | "repeats"> {
  const [field, another] = output.fields;
  if (field?.localName !== "revisionToken" || another !== undefined) {
    return { write, repeats: false };
  }
  let token: string | undefined;
  let bytes = new Uint8Array(0);
  return {
    write: (response) => {
      const { revisionToken } = response as { readonly revisionToken: string };
      if (revisionToken !== token) {
        bytes = new Uint8Array(write(response));
        token = revisionToken;
      }
      return bytes;
    },
    repeats: true,
  };
}
