import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import type { Code, ConnectError } from "@connectrpc/connect";
import { fromStatus } from "../../../src/client/index.ts";
import { DomainError, type Reason } from "../../../src/domain/errors.ts";
import { StatusSchema } from "../../../src/gen/google/rpc/status_pb.ts";
import { codes, toConnectError } from "../../../src/rpc/errors.ts";

/** Every reason of the server. */
export const reasons = Object.keys(codes) as Reason[];
const overWire = (error: ConnectError): ConnectError =>
  fromStatus(
    create(StatusSchema, {
      code: error.code,
      message: error.rawMessage,
      details: error.details.map((detail) => {
        assert.ok("desc" in detail);
        return anyPack(detail.desc, create(detail.desc, detail.value));
      }),
    }),
  ) ?? assert.fail();

/** An error with a reason, as a client gets it. */
export const errorOf = (reason: Reason): ConnectError =>
  overWire(toConnectError(new DomainError(reason, "a text", { key: "value" })));

/** {@link formOf} */
export interface Form {
  readonly code: Code;
  readonly message: string;
  readonly details: readonly string[];
}

/** What connect writes on the wire. */
export function formOf(error: ConnectError): Form {
  return {
    code: error.code,
    message: error.rawMessage,
    details: error.details.map((detail) => {
      const { type, value } =
        "desc" in detail
          ? {
              type: detail.desc.typeName,
              value: toBinary(detail.desc, create(detail.desc, detail.value)),
            }
          : detail;
      return `${type} ${Buffer.from(value).toString("hex")}`;
    }),
  };
}

/** The form of what {@link errorOf} makes. */
export const constant = (reason: Reason): Form => formOf(errorOf(reason));
