import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Effects } from "../gen/fleetgate/admin/v1/effects_pb.ts";
import type { Cli } from "./cli.ts";
import { printEffects } from "./effects/print-effects.ts";
import { printLines, printMessage, printNotes } from "./print.ts";
import type { WriteOptions } from "./write-options.ts";

/** What every write answers. */
export interface WriteResponse {
  readonly revisionToken: string;
  /** After a dry run, for readers. */
  readonly effects?: Effects | undefined;
}

/** Shows what a write came to: the message with --json, else `lines`, and the effects or the revision token. */
export function showWritten<D extends DescMessage>(
  cli: Cli,
  { dryRun = false }: WriteOptions,
  schema: D,
  response: MessageShape<D> & WriteResponse,
  lines: readonly string[],
): void {
  if (cli.globals().json) {
    printMessage(cli.io, schema, response);
    return;
  }
  printLines(cli.io, ...lines);
  if (dryRun) {
    printEffects(cli.io, response.effects);
    return;
  }
  const { revisionToken } = response;
  printLines(cli.io, `revision token: ${revisionToken}`);
  printNotes(
    cli.io,
    `until every server has it: fleetgate wait ${revisionToken} --endpoints URL,URL`,
  );
}
