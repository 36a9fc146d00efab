import { Buffer } from "node:buffer";
import { fromJson, toBinary, type DescMethodUnary, type JsonObject } from "@bufbuild/protobuf";
import { AclService } from "../../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { CallerService } from "../../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { bearer } from "../../support/bench.ts";
import { envelope } from "../../support/exchange.ts";
import { nameOf, unaryMethods } from "../../support/services.ts";
import { keys } from "../../support/world.ts";
import type { Talk } from "./talk.ts";

/** The permission and the question of a good call. */
export const permission = "swarming.pools.createTask";
export const good: JsonObject = { permission, pool: "ci" };

/** A form of content that the fast path takes. */
export type Form = "grpc" | "proto" | "json";

export const forms: readonly Form[] = ["grpc", "proto", "json"];

/** A talk with a name, for messages. */
export interface Case extends Talk {
  readonly name: string;
  /** Whether the fast path must take it; undefined: either is good. */
  readonly taken?: boolean;
}

const types: Readonly<Record<Form, string>> = {
  grpc: "application/grpc",
  proto: "application/proto",
  json: "application/json",
};

/** Every method of AclService. */
export const aclMethods: readonly DescMethodUnary[] = unaryMethods(AclService);

/** Those of CallerService that tell who shows a token. */
export const callerMethods: readonly DescMethodUnary[] = unaryMethods(CallerService);

/** Every method that the fast path takes. */
export const methods: readonly DescMethodUnary[] = [...aclMethods, ...callerMethods];

/** The headers of a call of Ann. */
export function headersOf(form: Form, method: DescMethodUnary): Record<string, string> {
  return {
    ":method": "POST",
    ":path": `/${nameOf(method)}`,
    "content-type": types[form],
    ...(form === "grpc" ? { te: "trailers" } : {}),
    ...bearer(keys.ann.token),
  };
}

/** The body of a request that is given as JSON. */
export function bodyOf(form: Form, method: DescMethodUnary, request: JsonObject): Uint8Array {
  if (form === "json") return Buffer.from(JSON.stringify(request));
  const message = toBinary(method.input, fromJson(method.input, request));
  return form === "grpc" ? envelope(message) : message;
}

/** What a case may have otherwise than a good call of Ann. */
export interface Otherwise {
  readonly headers?: Talk["headers"];
  readonly pieces?: readonly Uint8Array[];
  readonly slowly?: boolean;
  readonly end?: Talk["end"];
  readonly taken?: boolean;
}

/** Makes a case. A header of value "" is left out. */
export function makeCase(
  name: string,
  form: Form,
  method: DescMethodUnary,
  request: JsonObject,
  otherwise: Otherwise = {},
): Case {
  const headers = { ...headersOf(form, method), ...otherwise.headers };
  const sent = Object.entries(headers).filter(([, value]) => value !== "");
  return {
    name: `${form} ${method.name}: ${name}`,
    pieces: [bodyOf(form, method, request)],
    slowly: false,
    end: "stream",
    ...otherwise,
    headers: Object.fromEntries(sent),
  };
}
