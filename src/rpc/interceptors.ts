import type { Interceptor } from "@connectrpc/connect";
import { callOf } from "./call.ts";
import { failCall } from "./fail-call.ts";
import { unknownField } from "./transport/transport-error.ts";
import { findUnknownField } from "./unknown-fields.ts";

/** Turns whatever a handler throws into an answer, and remembers it in the call. */
export const convertErrors: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    throw failCall(callOf(request.contextValues), request.service, error);
  }
};

/**
 * Refuses a request with a field that this server does not know: it may be a constraint, and must not be
 * ignored. JSON requests are refused while they are parsed.
 */
export const refuseUnknownFields: Interceptor = (next) => (request) => {
  if (!request.stream) {
    const found = findUnknownField(request.method.input, request.message);
    if (found !== undefined) throw unknownField(found);
  }
  return next(request);
};
