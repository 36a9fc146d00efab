import { Client, type ClientConfig } from "pg";
import { ConnectionError } from "../connection-error.ts";
import { startDeadline } from "./deadline.ts";
import { boundGoodbye, destroySocket } from "./sockets.ts";

/** After how many milliseconds without a word the server is asked for one. */
const heartbeatMs = 1_000;

/** How many milliseconds the server may take to answer. */
const answerTimeoutMs = 1_500;

/** A connection that listens, or is about to. */
export interface Listening {
  /** Resolves with the reason when the connection is gone, however that came; never rejects. */
  readonly ended: Promise<unknown>;
  /** Ends the connection at once. */
  readonly cut: () => void;
}

/** What a connection that listens tells. */
export interface ListeningEvents {
  /** The server listens: what is told from now on arrives. */
  readonly onReady: () => void;
  /** Of one of the channels. */
  readonly onNotification: (channel: string) => void;
}

/**
 * Connects and listens on channels. When nobody answers at the other end any more, the connection is ended within
 * 2.5 seconds.
 */
export function listen(
  config: ClientConfig,
  channels: readonly string[],
  events: ListeningEvents,
): Listening {
  const client = new Client(config);
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();
  let reason: unknown;
  let over = false;
  let idle: NodeJS.Timeout | undefined;

  function cut(why?: unknown): void {
    over = true;
    reason ??= why;
    clearTimeout(idle);
    destroySocket(client);
  }

  async function ask(text: string): Promise<void> {
    const deadline = startDeadline(answerTimeoutMs, () =>
      cut(new ConnectionError(`no answer of the database within ${answerTimeoutMs} ms`)),
    );
    try {
      await client.query(text);
    } finally {
      deadline.end();
    }
  }

  async function begin(): Promise<void> {
    await client.connect();
    boundGoodbye(client);
    await ask(channels.map((name) => `listen ${client.escapeIdentifier(name)}`).join("; "));
    if (over) return;
    client.on("notification", ({ channel }) => {
      if (over) return;
      idle?.refresh();
      events.onNotification(channel);
    });
    events.onReady();
    beatLater();
  }

  function beatLater(): void {
    if (over) return;
    idle = setTimeout(() => {
      idle = undefined;
      void ask("select 1").then(beatLater, cut);
    }, heartbeatMs);
  }

  client.on("error", cut);
  client.on("end", () => {
    cut();
    resolve(reason ?? new ConnectionError("the database ended the connection"));
  });
  begin().catch(cut);
  return { ended, cut: () => cut() };
}
