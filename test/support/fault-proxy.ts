import { EventEmitter, once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/**
 * A TCP proxy on 127.0.0.1 that breaks the network between a client and a server at a word. Every call takes effect
 * before it returns; each but `cut` and `close` holds until `restore` or another one of them.
 */
export interface FaultProxy {
  readonly host: string;
  readonly port: number;
  /** The same URL, but by way of the proxy. */
  readonly through: (url: string) => string;
  /**
   * Half-open: every byte, end and reset of the open connections is swallowed both ways and nothing is closed, as when
   * a firewall forgets them; that stays so after `restore`. New connections are accepted and get no answer, ever.
   */
  readonly drop: () => void;
  /** Holds back all bytes of all connections, old and new; `restore` delivers them, as after a short outage. */
  readonly hold: () => void;
  /** Resets new connections as soon as they come; those that are open go on. */
  readonly refuse: () => void;
  /** Bytes of all connections arrive so many milliseconds later, in order. */
  readonly delay: (ms: number) => void;
  /** Resets all connections at both ends, those without an answer too, once. New ones fare as was said before. */
  readonly cut: () => void;
  /** From now on all goes well for new connections, and for those that were not dropped. */
  readonly restore: () => void;
  /** How many connections of clients came until now, and how many are open. */
  readonly connections: () => { readonly accepted: number; readonly open: number };
  /** Resolves when the next connection of a client comes. */
  readonly connected: () => Promise<void>;
  /** Cuts everything and stops listening. */
  readonly close: () => Promise<void>;
}

type Mode = "pass" | "drop" | "hold" | "refuse";

/** A client's connection and the one that it leads to, none for one that was never let through. */
interface Link {
  readonly ends: readonly Socket[];
  dropped: boolean;
}

/** Starts a proxy to a port. The caller closes it. */
export async function startFaultProxy(target: {
  readonly host?: string;
  readonly port: number;
}): Promise<FaultProxy> {
  const host = "127.0.0.1";
  const links = new Set<Link>();
  const happenings = new EventEmitter();
  let mode: Mode = "pass";
  let delayMs = 0;
  let accepted = 0;
  /** Wakes what `hold` holds back. */
  let released = Promise.withResolvers<void>();

  /** Hands on what comes from one end to the other, one thing after another. */
  function pipe(link: Link, from: Socket, to: Socket): void {
    let last = Promise.resolve();
    const handOn = (act: () => void): void => {
      const due = performance.now() + delayMs;
      last = last.then(async () => {
        const early = due - performance.now();
        if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
        while (isHolding() && !link.dropped) await released.promise;
        if (!link.dropped) act();
      });
    };
    from.on("data", (bytes: Buffer) => handOn(() => void to.write(bytes)));
    from.on("end", () => handOn(() => void to.end()));
    from.on("error", () => handOn(() => void to.resetAndDestroy()));
    from.on("close", () => {
      if (link.ends.every((end) => end.destroyed)) links.delete(link);
    });
  }

  // A function, so that it is looked at anew after each wait.
  const isHolding = (): boolean => mode === "hold";

  const server = createServer({ allowHalfOpen: true }, (client) => {
    accepted += 1;
    happenings.emit("connected");
    if (mode === "refuse") {
      client.on("error", () => undefined);
      client.resetAndDestroy();
      return;
    }
    if (mode === "drop") {
      const link: Link = { ends: [client], dropped: true };
      links.add(link);
      client.on("error", () => undefined).on("close", () => links.delete(link));
      client.resume();
      return;
    }
    const upstream = connect({ port: target.port, host: target.host ?? host, allowHalfOpen: true });
    upstream.setNoDelay(true);
    client.setNoDelay(true);
    const link: Link = { ends: [client, upstream], dropped: false };
    links.add(link);
    pipe(link, client, upstream);
    pipe(link, upstream, client);
  });
  server.listen(0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  function turn(to: Mode): void {
    mode = to;
    if (to === "drop") for (const link of links) link.dropped = true;
    if (to === "hold") return;
    released.resolve();
    released = Promise.withResolvers();
  }

  function cut(): void {
    for (const { ends } of links) for (const end of ends) end.resetAndDestroy();
    links.clear();
  }

  return {
    host,
    port,
    through: (url) => {
      const parsed = new URL(url);
      parsed.host = `${host}:${port}`;
      return parsed.href;
    },
    drop: () => turn("drop"),
    hold: () => turn("hold"),
    refuse: () => turn("refuse"),
    delay: (ms) => (delayMs = ms),
    cut,
    restore: () => {
      delayMs = 0;
      turn("pass");
    },
    connections: () => ({
      accepted,
      open: [...links].filter(({ ends }) => ends[0]?.destroyed === false).length,
    }),
    connected: async () => void (await once(happenings, "connected")),
    close: async () => {
      turn("refuse");
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
