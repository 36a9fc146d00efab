import { parseArgs } from "node:util";
import { soak } from "../test/soak/soak.ts";

// Kills processes and breaks connections under load, and says what went wrong: `npm run soak -- --kills 100`. The
// last line is the result as JSON. Ends with 4 when something did.
const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    seed: { type: "string", default: Date.now().toString() },
    "no-notify": { type: "boolean", default: false },
  },
});
const seed = Number(values.seed) | 0;
console.log(`seed ${seed}`);
const result = await soak({
  kills: Number(values.kills),
  notify: !values["no-notify"],
  seed,
  onFault: (text) => console.log(`  FAULT ${text}`),
  onProgress: (line) => console.log(line),
});
console.log(JSON.stringify({ ...result, repeats: Object.fromEntries(result.repeats) }));
// Sockets of a proxy that were reset while they were full may keep the process.
process.exit(result.faults.length === 0 ? 0 : 4);
