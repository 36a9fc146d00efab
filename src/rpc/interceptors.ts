import type { DescMessage, Message } from "@bufbuild/protobuf";
import { ConnectError, type Interceptor } from "@connectrpc/connect";
import { callOf } from "./call.ts";
import { failCall } from "./fail-call.ts";
import { tame, unknownField } from "./transport/transport-error.ts";
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
 * ignored. JSON requests are refused while they are parsed. Each message of a stream is looked at when it comes.
 */
export const refuseUnknownFields: Interceptor = (next) => (request) => {
  const { input } = request.method;
  if (request.stream) return next({ ...request, message: checkEach(input, request.message) });
  check(input, request.message);
  return next(request);
};

async function* checkEach<T extends Message>(
  schema: DescMessage,
  messages: AsyncIterable<T>,
): AsyncGenerator<T> {
  try {
    for await (const message of messages) {
      check(schema, message);
      yield message;
    }
  } catch (error) {
    // What Connect says of a message that it cannot read reaches the handler of a stream first.
    if (error instanceof ConnectError) tame(error);
    throw error;
  }
}

function check(schema: DescMessage, message: Message): void {
  const found = findUnknownField(schema, message);
  if (found !== undefined) throw unknownField(found);
}
