import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { atEnd, makeFolder } from "../../e2e/support/cleanup.ts";
import { root } from "../../e2e/support/processes.ts";
import { cliFile } from "../../support/cli-file.ts";

/** What a command came to. */
export interface Outcome {
  readonly code: number | null;
  /** Both outputs as they came. */
  readonly output: string;
}

/** A shell in a folder of its own, which keeps variables and the folder between commands. */
export interface Shell {
  readonly folder: string;
  run(text: string): Promise<Outcome>;
  /** Starts a server, waits until it says where it listens, and leaves it running; its address. */
  serve(text: string): Promise<{ readonly url: string; readonly stop: () => Promise<Outcome> }>;
}

/** Opens a shell in which `fleetgate`, `npx` and `buf` are those of the checkout. */
export function openShell(env: Readonly<Record<string, string>> = {}): Shell {
  const scratch = makeFolder();
  const folder = join(scratch, "work");
  const bin = join(scratch, "bin");
  mkdirSync(folder);
  mkdirSync(bin);
  const script = (name: string, text: string): void => {
    writeFileSync(join(bin, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  };
  const cli = `exec ${process.execPath} ${cliFile}`;
  script("fleetgate", `${cli} "$@"`);
  script("npx", `[ "$1" = --no-install ] && shift; exec "$@"`);
  // `npm run -s fleetgate -- …` of a checkout is the same command.
  script("npm", `[ "$1 $2 $3 $4" = "run -s fleetgate --" ] || exit 64; shift 4; ${cli} "$@"`);
  const state = join(scratch, "state");
  writeFileSync(state, `cd '${folder}'\n`);
  const environment = {
    ...env,
    HOME: folder,
    TMPDIR: scratch,
    LANG: "C.UTF-8",
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
    PATH: [bin, join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""].join(delimiter),
  };
  // What a command exports or where it goes holds for the next one.
  const wrap = (text: string): string =>
    `source '${state}'\n${text}\ncode=$?\n{ export -p; echo "cd '$PWD'"; } > '${state}'\nexit $code`;

  function begin(text: string): {
    readonly output: () => string;
    readonly ended: Promise<Outcome>;
    readonly kill: (signal: NodeJS.Signals) => void;
    readonly onData: (listener: () => void) => void;
  } {
    const child = spawn("bash", ["-c", text], {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const listeners: (() => void)[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        output += chunk;
        for (const listener of listeners) listener();
      });
    }
    const kill = (signal: NodeJS.Signals): void => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-child.pid, signal);
      } catch {
        // It has just ended.
      }
    };
    atEnd(() => kill("SIGKILL"));
    const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
    return { output: () => output, ended, kill, onData: (listener) => listeners.push(listener) };
  }

  return {
    folder,
    run: (text) => begin(wrap(text)).ended,
    serve: async (text) => {
      const server = begin(`source '${state}'\n${text.replace(/(^|\s)fleetgate /, "$1exec fleetgate ")}`);
      const listens = new Promise<string>((resolve) => {
        server.onData(() => {
          const match = /listens on (https?:\/\/\S+)/.exec(server.output());
          if (match?.[1] !== undefined) resolve(match[1]);
        });
      });
      const url = await Promise.race([listens, server.ended.then(() => undefined)]);
      if (url === undefined) throw new Error(`${text} ended: ${server.output()}`);
      return {
        url,
        stop: async () => {
          server.kill("SIGTERM");
          return server.ended;
        },
      };
    },
  };
}
