import { clone, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import type { Cli } from "./cli.ts";
import { printLines, printMessage, printNotes } from "./print.ts";

/** An answer with a token. */
export interface Shown<D extends DescMessage> {
  readonly schema: D;
  readonly response: MessageShape<D>;
  /** The token that standard output gets; empty: none. */
  readonly token: string;
  /** What to call it, when it is no token. */
  readonly what?: "grant";
  /** Said beside it: whose it is, until when. */
  readonly about: readonly string[];
  /** The files that hold secrets now. */
  readonly files: readonly (string | undefined)[];
  /** Takes those secrets out of a copy of the answer. */
  readonly strip: (copy: MessageShape<D>) => void;
}

/**
 * Shows an answer with a token: the token alone on standard output, so that `$(...)` has it, and the rest beside it; or which
 * files were written. With --json the message, without the secrets that went into files.
 */
export function showToken<D extends DescMessage>(cli: Cli, shown: Shown<D>): void {
  const written = shown.files.filter((file) => file !== undefined);
  if (cli.globals().json) {
    const copy = clone(shown.schema, shown.response);
    shown.strip(copy);
    printMessage(cli.io, shown.schema, copy);
    return;
  }
  printNotes(cli.io, ...shown.about);
  if (written.length > 0) printLines(cli.io, ...written.map((file) => `wrote ${file}`));
  if (shown.token !== "") {
    printNotes(cli.io, `the ${shown.what ?? "token"} is shown this once:`);
    printLines(cli.io, shown.token);
  }
}
