import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Cli } from "../cli.ts";
import { printLines } from "../print.ts";
import { showWritten, type WriteResponse } from "../show-written.ts";
import type { ChangeOptions } from "../write-options.ts";

/** Shows what a take-over or a return came to. Neither changes what anybody may do, so a dry run has no effects to tell. */
export function showTaken<D extends DescMessage>(
  cli: Cli,
  { dryRun = false }: ChangeOptions,
  schema: D,
  response: MessageShape<D> & WriteResponse,
  lines: readonly string[],
): void {
  if (dryRun && !cli.globals().json) printLines(cli.io, ...lines);
  else showWritten(cli, {}, schema, response, lines);
}
