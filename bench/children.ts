import { fork, spawnSync, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

/** A process of ours that answers one request after the other. */
export interface Child {
  /** Its number in the system; undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Asks and waits for the answer; rejects when the child fails or ends, or when it takes too long. */
  ask<T>(request: unknown, timeoutMs: number): Promise<T>;
  /** Lets it end by itself, and kills it when it does not. */
  stop(): Promise<void>;
}

/** What a child answers. */
export type Reply = { readonly answer: unknown } | { readonly error: string };

const stopMs = 10_000;
const signals = ["SIGINT", "SIGTERM"] as const;

/** How a process of ours is started. */
export interface ChildOptions {
  /** Which core it is to run on; absent: any. */
  readonly core?: number | undefined;
  /** The Node that runs it; absent: the one that runs this process. */
  readonly node?: string | undefined;
  readonly nodeFlags?: readonly string[];
  /** The file that its standard error is added to; absent: that of this process. */
  readonly logFile?: string | undefined;
}

/**
 * Starts a script in a process of its own, on the given core when the system can do that. Its requests and
 * answers travel by IPC, so no secret stands in a command line.
 */
export function startChild(
  script: URL,
  args: readonly string[],
  options: ChildOptions = {},
): Child {
  const { core, node = process.execPath, nodeFlags = [], logFile } = options;
  const pinned = core === undefined ? [] : ["-c", String(core), node];
  const log = logFile === undefined ? undefined : openSync(logFile, "a", 0o600);
  const child = fork(script, [...args], {
    execPath: core === undefined ? node : "taskset",
    execArgv: [...pinned, ...nodeFlags],
    serialization: "advanced",
    stdio: ["ignore", "ignore", log ?? "inherit", "ipc"],
  });
  if (log !== undefined) closeSync(log);
  const release = (): void => {
    if (child.connected) child.disconnect();
  };
  watch(release);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  return {
    pid: child.pid,
    ask: (request, timeoutMs) => ask(child, request, timeoutMs),
    stop: async () => {
      const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
      release();
      await ended;
      clearTimeout(timer);
      unwatch(release);
    },
  };
}

const releases = new Set<() => void>();

const releaseAll = (): void => {
  for (const release of releases) release();
};

// An interrupted bench ends as a failed one does: by what waits for its children.
function watch(release: () => void): void {
  if (releases.size === 0) for (const signal of signals) process.on(signal, releaseAll);
  releases.add(release);
}

function unwatch(release: () => void): void {
  releases.delete(release);
  if (releases.size === 0) for (const signal of signals) process.off(signal, releaseAll);
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
