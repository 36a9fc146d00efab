import { once } from "node:events";
import { getHeapSpaceStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import type { TakeStream } from "../../../src/rpc/handler.ts";
import { keepGarbageYoung } from "../../../src/server/collector.ts";
import { openListener } from "../../../src/server/listener.ts";
import { memoryLog } from "./memory-log.ts";
import { echoVersion, wideLimits } from "./test-listener.ts";

// A program: serves calls of one connection, and prints how many bytes a call leaves behind that outlive the collections of
// young garbage. To be run with --expose-gc, and with room for so many young objects that those under way are few of them.

const callsBetween = 6000;
const rounds = 3;

const take: TakeStream = (stream) => {
  stream.on("error", () => {});
  stream.on("end", () => {
    stream.respond({ ":status": 200 });
    stream.end("taken");
  });
  stream.resume();
  return true;
};

// In a thread of its own, so that its garbage is not among ours.
const caller = `
  const { connect } = require("node:http2");
  const { parentPort, workerData } = require("node:worker_threads");
  const session = connect(workerData);
  parentPort.on("message", ({ calls }) => {
    let open = 16;
    const call = () => {
      if (calls > 0) {
        calls -= 1;
        session.request({ ":path": "/" }).resume().on("close", call);
        return;
      }
      open -= 1;
      if (open === 0) parentPort.postMessage("done");
    };
    for (let index = 0; index < 16; index += 1) call();
  });
`;

keepGarbageYoung();
const listener = await openListener({
  ...{ host: "127.0.0.1", port: 0, tls: undefined, handler: echoVersion, take },
  ...{ limits: wideLimits, log: memoryLog().log },
});
const worker = new Worker(caller, { eval: true, workerData: listener.url });

await callOften();
collect("major");
const before = oldBytes();
await callOften();
console.log((oldBytes() - before) / (rounds * callsBetween));
process.exit();

async function callOften(): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    worker.postMessage({ calls: callsBetween });
    await once(worker, "message");
    collect("minor");
  }
}

function collect(type: "minor" | "major"): void {
  (globalThis.gc as unknown as (options: { readonly type: string }) => void)({ type });
}

function oldBytes(): number {
  const spaces = getHeapSpaceStatistics();
  return spaces.find(({ space_name: name }) => name === "old_space")?.space_used_size ?? NaN;
}
