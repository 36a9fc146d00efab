import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Order } from "./order.ts";

/** A worker that was started. */
export interface Worker {
  /** Gives it its order: until then its machine is still starting. */
  readonly deliver: (order: Order) => void;
  /** Takes its machine away. */
  readonly kill: () => void;
  /** Why it failed, once it is gone; empty: it did not. */
  readonly exited: Promise<string>;
}

/** Starts a worker as a process of this machine. Yours starts a container or a machine, and gives the order by its user data. */
export function startWorker(name: string, say: (line: string) => void): Worker {
  const child = spawn(
    process.execPath,
    [...process.execArgv, join(import.meta.dirname, "worker.ts")],
    {
      stdio: ["pipe", "pipe", "inherit"],
      env: {},
    },
  );
  createInterface(child.stdout).on("line", (line) => {
    say(`${name} ${line}`);
  });
  // One that dies early does not read its order.
  child.stdin.on("error", () => undefined);
  return {
    kill: () => void child.kill("SIGKILL"),
    deliver: (order) => child.stdin.end(JSON.stringify(order)),
    exited: once(child, "close").then(([code, signal]) => {
      if (code === 0) return "";
      return code === null ? `it ended by ${signal}` : `it exited with ${code}`;
    }),
  };
}
