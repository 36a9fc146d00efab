import { create, createRegistry, type Registry } from "@bufbuild/protobuf";
import { type ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
  type ErrorInfo,
} from "../gen/google/rpc/error_details_pb.ts";
import { StatusSchema, type Status } from "../gen/google/rpc/status_pb.ts";

/** The types of details that a printed status can hold. */
export const statusRegistry: Registry = createRegistry(
  ErrorInfoSchema,
  RetryInfoSchema,
  BadRequestSchema,
);

/** The error as the `google.rpc.Status` that a gRPC server would send; details of unknown types are left out. */
export function toStatus(error: ConnectError): Status {
  return create(StatusSchema, {
    code: error.code,
    message: error.rawMessage,
    details: error.details.flatMap((detail) =>
      "type" in detail && statusRegistry.getMessage(detail.type) !== undefined
        ? [{ typeUrl: `type.googleapis.com/${detail.type}`, value: detail.value }]
        : [],
    ),
  });
}

/** What Fleetgate says about the error; undefined when something else made it, e.g. a proxy. */
export function findErrorInfo(error: ConnectError): ErrorInfo | undefined {
  return error.findDetails(ErrorInfoSchema).find((info) => info.domain === "fleetgate");
}
