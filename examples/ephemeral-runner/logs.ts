import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  isShownCredentialRefused,
  taskStopSignal,
  type CallerIdentifier,
} from "fleetgate/client/node";
import { taskWord } from "./words.ts";

/** The service that keeps the logs of jobs: any service that workers show their tokens to. */
export interface LogService extends AsyncDisposable {
  readonly url: string;
}

/** Is told each line, whose it is, and how far that task is. */
export type OnLine = (identity: string, state: string, line: string) => void;

/**
 * Starts it on loopback. Whose line it is, the token says; and every answer says in `task-state` how far the task is, so that a worker
 * learns with its next line that it is to stop.
 */
export async function startLogs(identifier: CallerIdentifier, onLine: OnLine): Promise<LogService> {
  const server = createServer((request, response) => {
    const answer = (status: number, state?: string): void => {
      response.writeHead(status, state === undefined ? {} : { "task-state": state }).end();
    };
    const token = /^bearer ([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    text(request)
      .then(async (line) => {
        if (token === "") return answer(401);
        const { caller } = await identifier.identify(token);
        const state = taskWord(caller.taskState);
        onLine(caller.identity, state, line);
        answer(204, state);
      })
      .catch((error: unknown) => {
        const stopped = taskStopSignal(error);
        if (stopped !== undefined) answer(403, stopped);
        else answer(isShownCredentialRefused(error) ? 401 : 503);
      });
  });
  // Bearers go over it: put TLS in front of it before it listens anywhere else.
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
