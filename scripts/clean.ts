import { rm } from "node:fs/promises";

// Removes the folders named on the command line.
for (const folder of process.argv.slice(2)) await rm(folder, { recursive: true, force: true });
