import { Code, ConnectError } from "@connectrpc/connect";
import { DomainError } from "../../domain/errors.ts";
import { boundText } from "../bounded-text.ts";
import type { Call } from "../call.ts";
import { toConnectError, toFailure } from "../errors.ts";

const maxMessageBytes = 512;

const unknownKey = /^cannot decode message (\S+) from JSON: key ".*" is unknown$/s;

/**
 * Watches for the errors that Connect makes itself, such as those of a body that it cannot read. Connect
 * aborts the signal of a call with the error that the call ends with, just before it writes that error: the
 * one place where such an error can be remembered for the call's record, and be brought into a form that
 * fits into trailers. Its text may quote any amount of the request.
 */
export function watchTransportErrors(signal: AbortSignal, call: Call): void {
  signal.addEventListener("abort", () => {
    const reason: unknown = signal.reason;
    if (reason === call.error || isOrdinaryEnd(reason)) return;
    if (reason instanceof ConnectError) {
      tame(reason);
      call.error = reason;
    } else {
      call.error = toConnectError(toFailure(reason));
    }
  });
}

// Connect aborts the signal without a reason when a call ends well; the reason is then this one by the
// rules of AbortController.
function isOrdinaryEnd(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "AbortError";
}

/** Brings an error that Connect made of a body into a form that fits into trailers. */
export function tame(error: ConnectError): void {
  const message = unknownKey.exec(error.rawMessage)?.[1];
  if (message !== undefined && error.code === Code.InvalidArgument) {
    const { rawMessage, details } = toConnectError(unknownField(message));
    Object.assign(error, { rawMessage, details });
    return;
  }
  Object.assign(error, { rawMessage: boundText(error.rawMessage, maxMessageBytes) });
}

/** An UNKNOWN_FIELD error: `message` is the full name of the message that holds the field. */
export function unknownField(message: string): DomainError {
  return new DomainError(
    "UNKNOWN_FIELD",
    `the request carries a field that this server does not know, in ${message}`,
    { message },
  );
}
