import { Buffer } from "node:buffer";
import {
  create,
  fromBinary,
  fromJsonString,
  toBinary,
  toJsonString,
  type DescMessage,
  type Message,
} from "@bufbuild/protobuf";
import { AclService } from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { AclMethod, AclMethods, AclRequest } from "../acl/methods.ts";
import { jsonOptions } from "../json-options.ts";
import type { MethodHandler } from "../router.ts";
import { findUnknownField } from "../unknown-fields.ts";
import { compileDecoder } from "./decode-message.ts";
import { compileEncoder } from "./encode-message.ts";

/** A response with the token of the state that it was made from, and whatever else the method says. */
export interface AclResponse {
  readonly revisionToken: string;
  readonly [field: string]: unknown;
}

/** How requests are read and responses are written in one format. */
export interface Format {
  /** Reads the request that begins at `from`. Undefined: the stock handler must say what is wrong with it. */
  readonly read: (bytes: Buffer, from: number) => AclRequest | undefined;
  readonly write: (response: AclResponse) => Uint8Array;
}

/** A method of AclService as the fast path serves it. */
export interface FastMethod extends AclMethod<AclRequest, AclResponse> {
  /** `package.Service/Method`. */
  readonly name: string;
  /** What serves the calls that the fast path does not finish. */
  readonly stock: MethodHandler;
  readonly binary: Format;
  readonly json: Format;
}

/** The unary methods of AclService by their paths, from the descriptors; their handlers by `package.Service/Method`. */
export function createFastMethods(
  methods: AclMethods,
  handlers: ReadonlyMap<string, MethodHandler>,
): ReadonlyMap<string, FastMethod> {
  const byPath = new Map<string, FastMethod>();
  for (const method of AclService.methods) {
    if (method.methodKind !== "unary") continue;
    const name = `${AclService.typeName}/${method.name}`;
    const stock = handlers.get(name);
    if (stock === undefined) throw new Error(`no handler serves ${name}`);
    // The table has a row for each method, of the types that the method wants.
    const row = methods[method.localName as keyof AclMethods] as unknown as FastMethod;
    const { input, output } = method;
    byPath.set(`/${name}`, {
      name,
      stock,
      note: row.note,
      reply: row.reply,
      binary: {
        read: binaryReader(input),
        write: onceForToken(output, binaryWriter(output)),
      },
      json: {
        read: jsonReader(input),
        write: onceForToken(output, (response) =>
          Buffer.from(toJsonString(output, create(output, response), jsonOptions)),
        ),
      },
    });
  }
  return byPath;
}

function binaryReader(schema: DescMessage): Format["read"] {
  const decode = compileDecoder(schema);
  return (bytes, from) => decode(bytes, from) ?? fullyDecoded(schema, bytes.subarray(from));
}

function binaryWriter(schema: DescMessage): Format["write"] {
  return compileEncoder(schema) ?? ((response) => toBinary(schema, create(schema, response)));
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
      return fromJsonString(schema, text.decode(bytes.subarray(from)), jsonOptions) as AclRequest;
    } catch {
      return undefined;
    }
  };
}

// Nearly all responses say nothing but the token, and so are the same until the state changes.
function onceForToken(output: DescMessage, write: Format["write"]): Format["write"] {
  if (output.fields.length > 1) return write;
  let token: string | undefined;
  let bytes = new Uint8Array(0);
  return (response) => {
    if (response.revisionToken !== token) {
      bytes = new Uint8Array(write(response));
      token = response.revisionToken;
    }
    return bytes;
  };
}
