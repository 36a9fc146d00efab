import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import type { ContextValues, UnaryResponse } from "@connectrpc/connect";
import type { Scope } from "./scope.ts";

/** One call at one endpoint. */
export interface Attempt<I extends DescMessage, O extends DescMessage> {
  readonly method: DescMethodUnary<I, O>;
  readonly input: MessageInitShape<I>;
  /** The headers of the caller. */
  readonly header: Headers | undefined;
  /** The bearer token to send beside them; undefined: none. */
  readonly token: string | undefined;
  /** Whole milliseconds, at least 1; undefined: no deadline. */
  readonly timeoutMs: number | undefined;
  readonly scope: Scope;
  readonly contextValues: ContextValues | undefined;
}

/**
 * Makes an attempt. Whatever fails is a ConnectError, with the code that the transport of connect gives; the
 * deadline of the attempt is DEADLINE_EXCEEDED.
 */
export type MakeAttempt = <I extends DescMessage, O extends DescMessage>(
  attempt: Attempt<I, O>,
) => Promise<UnaryResponse<I, O>>;
