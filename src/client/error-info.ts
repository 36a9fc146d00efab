import { createRegistry, type Registry } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import type { Reason } from "../domain/errors.ts";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
  type ErrorInfo,
} from "../gen/google/rpc/error_details_pb.ts";

export type { Reason };

/** A reason: one of those that this version knows, or a newer one. */
export type ReasonText = Reason | (string & Record<never, never>);

/**
 * The types of details in the answers. A transport that speaks JSON needs it as `jsonOptions.registry` to
 * read the outcomes of BatchCheck and Explain.
 */
export const detailRegistry: Registry = createRegistry(
  ErrorInfoSchema,
  RetryInfoSchema,
  BadRequestSchema,
);

/** Which error of Fleetgate it is; undefined when something else made it, e.g. a proxy or the network. */
export function reasonOf(error: unknown): ReasonText | undefined {
  return infoOf(error)?.reason;
}

/** Every dynamic part of the message of an error of Fleetgate; empty when something else made it. */
export function metadataOf(error: unknown): Readonly<Record<string, string>> {
  return { ...infoOf(error)?.metadata };
}

/** After how many milliseconds the server wants the call again; undefined when it does not say. */
export function retryDelayOf(error: unknown): number | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  if (delay === undefined) return undefined;
  const ms = Number(delay.seconds) * 1000 + delay.nanos / 1_000_000;
  return ms < 0 ? undefined : ms;
}

function infoOf(error: unknown): ErrorInfo | undefined {
  if (!(error instanceof ConnectError)) return undefined;
  return error.findDetails(ErrorInfoSchema).find((info) => info.domain === "fleetgate");
}
