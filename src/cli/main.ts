#!/usr/bin/env node
import { createProcessIo } from "./io.ts";
import { reportError } from "./report-error.ts";
import { asksForJson, run } from "./run.ts";

const io = createProcessIo();
const argv = process.argv.slice(2);

// Node would end with 1, which says "denied".
process.once("uncaughtException", (error) => {
  process.exit(reportError(io, error, asksForJson(argv)));
});

// Whoever reads our output may stop early, as `head` does: that is no fault of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// Not process.exit, which would cut off what is still being written.
process.exitCode = await run(argv, io);
