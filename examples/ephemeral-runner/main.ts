import { readFileSync } from "node:fs";
import { createCallerIdentifier } from "fleetgate/client/node";
import { connect } from "./connect.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { startLogs } from "./logs.ts";
import { scenarios } from "./scenarios.ts";

// Runs the scenarios that the command line names, or all of them, one after another.

const {
  FLEETGATE_ENDPOINT: endpoint = "http://127.0.0.1:8080",
  FLEETGATE_HEADER_FILE: keyFile,
  FLEETGATE_TLS_FINGERPRINT: fingerprint = "",
  RUNNER_REALM: realm = "app:ci",
} = process.env;
const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.hasOwn(scenarios, name));
if (unknown !== undefined) {
  usage(`there is no scenario "${unknown}", but ${Object.keys(scenarios).join(", ")}`);
}
if (keyFile === undefined) {
  usage("FLEETGATE_HEADER_FILE must name the header file of service:dispatcher");
}
const [, key = ""] = /bearer\s+(\S+)/i.exec(readFileSync(keyFile, "utf8")) ?? [];
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

await using fleetgate = connect({ endpoint, fingerprint }, () => key);
await using identifier = createCallerIdentifier(fleetgate, { audience: "logs" });
const waiting = new Map<string, () => void>();
await using logs = await startLogs(identifier, (identity, state, line) => {
  say(`log of ${identity} (${state}): ${line}`);
  waiting.get(identity)?.();
});
const dispatcher: Dispatcher = { fleetgate, endpoint, realm, logs: logs.url, say };
const hasLogged = (jobId: string): Promise<void> =>
  new Promise((resolve) => {
    waiting.set(`task:${jobId}`, resolve);
  });

for (const name of names.length === 0 ? Object.keys(scenarios) : names) {
  say(`--- ${name}`);
  await scenarios[name]?.({ dispatcher, hasLogged });
}

function usage(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
