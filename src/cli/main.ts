#!/usr/bin/env node
import { createProcessIo } from "./io.ts";
import { run } from "./run.ts";

// Whoever reads our output may stop early, as `head` does: that is no fault of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

// Not process.exit, which would cut off what is still being written.
process.exitCode = await run(process.argv.slice(2), createProcessIo());
