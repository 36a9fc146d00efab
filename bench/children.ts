import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";

/** A process of ours that answers one request after the other. */
export interface Child {
  /** Asks and waits for the answer; rejects when the child fails or ends, or when it takes too long. */
  ask<T>(request: unknown, timeoutMs: number): Promise<T>;
  /** Lets it end by itself, and kills it when it does not. */
  stop(): Promise<void>;
}

/** What a child answers. */
export type Reply = { readonly answer: unknown } | { readonly error: string };

const stopMs = 10_000;
const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Starts a script in a process of its own, on the given core when the system can do that. It inherits
 * standard error; its requests and answers travel by IPC, so no secret stands in a command line.
 */
export function startChild(
  script: URL,
  args: readonly string[],
  options: { readonly core?: number | undefined; readonly nodeFlags?: readonly string[] } = {},
): Child {
  const { core, nodeFlags = [] } = options;
  const pinned = core === undefined ? [] : ["-c", String(core), process.execPath];
  const child = fork(script, [...args], {
    execPath: core === undefined ? process.execPath : "taskset",
    execArgv: [...pinned, ...nodeFlags],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const release = (): void => {
    if (child.connected) child.disconnect();
  };
  // An interrupted bench ends as a failed one does: by what waits for its children.
  for (const signal of signals) process.on(signal, release);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  return {
    ask: (request, timeoutMs) => ask(child, request, timeoutMs),
    stop: async () => {
      const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
      release();
      await ended;
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, release);
    },
  };
}

function ask<T>(child: ChildProcess, request: unknown, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      child.off("message", onMessage);
      child.off("exit", onExit);
      child.off("error", onError);
      act();
    };
    const fail = (message: string): void => {
      settle(() => {
        reject(new Error(message));
      });
    };
    const onMessage = (message: unknown): void => {
      const reply = message as Reply;
      if ("error" in reply) fail(reply.error);
      else settle(() => resolve(reply.answer as T));
    };
    const onExit = (): void => fail("a process of the bench ended too early");
    const onError = (error: Error): void => fail(error.message);
    const timer = setTimeout(() => {
      fail(`a process of the bench did not answer within ${timeoutMs / 1000} s`);
    }, timeoutMs);
    child.on("message", onMessage);
    child.on("exit", onExit);
    child.on("error", onError);
    if (!child.connected) fail("a process of the bench is gone");
    else child.send(request as object, (error) => error && fail(error.message));
  });
}

/** In a child: answers requests one after the other until the parent is gone, then closes and ends. */
export function serveParent(
  answer: (request: unknown) => unknown,
  close: () => Promise<void> | void = () => {},
): void {
  let last: Promise<void> = Promise.resolve();
  process.on("message", (request) => {
    last = last.then(async () => {
      try {
        send({ answer: await answer(request) });
      } catch (error) {
        send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    });
  });
  process.once("disconnect", () => {
    // What is left open must not keep a child that nobody can reach.
    setTimeout(() => process.exit(), stopMs / 2).unref();
    void Promise.resolve(close()).finally(() => process.exit());
  });
  // Ctrl-C reaches the whole group; the parent ends its children in order.
  process.on("SIGINT", () => {});
}

function send(reply: Reply): void {
  if (process.connected) process.send?.(reply);
}

/** Two cores, for the server and for the load; undefined where processes cannot be pinned to cores. */
export function pickCores(): { readonly server: number; readonly load: number } | undefined {
  try {
    const status = readFileSync("/proc/self/status", "utf8");
    const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "";
    const cores = list.split(",").flatMap((part) => {
      const [first = 0, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
    const [server, load] = cores;
    if (server === undefined || load === undefined) return undefined;
    const works = spawnSync("taskset", ["-c", String(server), "true"]).status === 0;
    return works ? { server, load } : undefined;
  } catch {
    return undefined;
  }
}
