import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, type DurationSchema } from "@bufbuild/protobuf/wkt";
import { Option, type Command } from "commander";
import type { Session } from "../../gen/fleetgate/credential/v1/session_service_pb.ts";
import { durationArgument, filledArgument } from "../arguments.ts";
import type { Cli } from "../cli.ts";
import { formatTime } from "../format-time.ts";
import { plain, printNotes } from "../print.ts";
import type { SecretPlace } from "../secret-files.ts";

/** The options of a command that gives out a session. */
export interface SessionOptions {
  /** Milliseconds. */
  readonly ttl?: number;
  readonly tokenFile?: string;
  readonly resumeFile?: string;
}

/** Adds the options of SessionOptions. The files of the session before are dead, so they are replaced. */
export function withSessionOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--ttl <duration>", "how long it lives, 1m to 30d (default: 7d)").argParser(
        durationArgument,
      ),
    )
    .option(
      "--token-file <file>",
      "write the session token there, mode 0600, over that of the session before, and print none",
      filledArgument,
    )
    .option(
      "--resume-file <file>",
      "write the resume token there, likewise; without it or --json nobody has it, and nobody can take the session over",
      filledArgument,
    );
}

/** How long the session is to live, as a request says it. */
export function ttlField({ ttl }: SessionOptions): {
  readonly ttl?: MessageInitShape<typeof DurationSchema>;
} {
  return ttl === undefined ? {} : { ttl: durationFromMs(ttl) };
}

/** Where the two tokens of a session go. */
export function sessionPlaces({ tokenFile, resumeFile }: SessionOptions): readonly SecretPlace[] {
  return [
    { path: tokenFile, replaces: true },
    { path: resumeFile, replaces: true },
  ];
}

/** The two tokens of a session, in the order of their places. */
export function sessionSecrets({
  session,
}: {
  readonly session?: Session | undefined;
}): readonly string[] {
  return [session?.token ?? "", session?.resumeToken ?? ""];
}

/** What showToken needs of a session, whichever answer it is in. */
export function shownSession(
  cli: Cli,
  { session }: { readonly session?: Session | undefined },
  { tokenFile, resumeFile }: SessionOptions,
): {
  readonly token: string;
  readonly about: readonly string[];
  readonly files: readonly (string | undefined)[];
  readonly strip: (copy: { session?: Session | undefined }) => void;
} {
  if (resumeFile === undefined && !cli.globals().json) {
    printNotes(cli.io, "the resume token was not kept: --resume-file keeps it");
  }
  const about =
    session === undefined
      ? []
      : [
          `session ${plain(session.credentialId)}, epoch ${session.epoch}, expires ${formatTime(session.expiresAt, "never")}`,
        ];
  return {
    token: tokenFile === undefined ? (session?.token ?? "") : "",
    about,
    files: [tokenFile, resumeFile],
    strip: (copy) => {
      if (copy.session === undefined) return;
      if (tokenFile !== undefined) copy.session.token = "";
      if (resumeFile !== undefined) copy.session.resumeToken = "";
    },
  };
}
