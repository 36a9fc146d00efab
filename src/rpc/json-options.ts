import { createRegistry } from "@bufbuild/protobuf";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.ts";

/** How all our services read and write JSON: nothing unknown is ignored. */
export const jsonOptions = {
  ignoreUnknownFields: false,
  // BatchCheck answers with details in google.protobuf.Any, whose JSON names their fields.
  registry: createRegistry(ErrorInfoSchema, RetryInfoSchema),
};
