import assert from "node:assert/strict";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../src/gen/google/rpc/error_details_pb.ts";

/** What a failed call told. */
export interface Told {
  /** Code and reason: `Unavailable STORAGE_UNAVAILABLE`. */
  readonly what: string;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether it says when to try again. */
  readonly retry: boolean;
}

/** Waits for a call to fail and says how; throws when it does not. */
export async function failure(call: Promise<unknown>): Promise<Told> {
  const error = await call.then(
    (answer) => assert.fail(`the call succeeded: ${String(answer)}`),
    (reason: unknown) => reason,
  );
  return told(error);
}

/** What an error of a call told; another error is thrown again. */
export function told(error: unknown): Told {
  if (!(error instanceof ConnectError)) throw error;
  const info = error.findDetails(ErrorInfoSchema)[0];
  return {
    what: `${Code[error.code]} ${info?.reason ?? "-"}`,
    message: error.rawMessage,
    metadata: info?.metadata ?? {},
    retry: error.findDetails(RetryInfoSchema).length > 0,
  };
}
