import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.ts";
import { StatusSchema, type Status } from "../gen/google/rpc/status_pb.ts";
import { codes } from "../rpc/errors.ts";
import { statusRegistry } from "./error-status.ts";
import type { Io } from "./io.ts";
import { printMessage } from "./print.ts";
import { isReason } from "./reason-hints.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** A failure that this command found by itself. */
export interface LocalFailure {
  readonly message: string;
  /** Whether the command line, or a file that it names, is to blame. */
  readonly usage: boolean;
  /** The value of `fleetgate.error.v1.Reason` behind it, without its prefix. */
  readonly reason?: string | undefined;
}

/** Writes a status to standard output as protobuf JSON, for `--json`. */
export function printStatus(io: Io, status: Status): void {
  printMessage(io, StatusSchema, status, { registry: statusRegistry });
}

/** The status of a failure that no server told of, as a server would tell it. */
export function localStatus({ message: words, usage, reason }: LocalFailure): Status {
  const message = withoutSecrets(words);
  if (reason === undefined || !isReason(reason)) {
    return create(StatusSchema, { code: usage ? Code.InvalidArgument : Code.Unknown, message });
  }
  const info = create(ErrorInfoSchema, { domain: "fleetgate", reason });
  return create(StatusSchema, {
    code: codes[reason],
    message,
    details: [anyPack(ErrorInfoSchema, info)],
  });
}
