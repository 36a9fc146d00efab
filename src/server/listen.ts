import type { Server } from "node:net";

/** A listener that could not be opened. The message says what to do and may be shown to the operator. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** An address to listen on. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Whether other processes that say so too may listen on it; the system shares the connections out. Unless given, not. */
  readonly reusePort?: boolean;
}

/**
 * Makes a server listen and gives its port, which differs from `port` when that is 0. Throws
 * ListenError. The server has no listener for `error` afterwards.
 */
export function listen(server: Server, address: ListenAddress): Promise<number> {
  const { host, port, reusePort = false } = address;
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      reject(cannotListen(formatAddress(host, port), cause, reusePort));
    };
    server.once("error", onError);
    server.listen({ host, port, reusePort }, () => {
      server.off("error", onError);
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : port);
    });
  });
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

const explanations: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use: stop the other process or choose another port",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "there is no such host",
  EACCES: "the system does not permit it: choose a port from 1024 up",
};

const notShared = "this system does not share ports: leave reuse_port out";

/** What is otherwise when the port was to be shared. */
const sharingExplanations: Readonly<Record<string, string>> = {
  EADDRINUSE:
    "the address is in use by a process that does not share it: all must be of one user and have reuse_port",
  ENOTSUP: notShared,
  ENOPROTOOPT: notShared,
};

function cannotListen(address: string, cause: Error, reusePort: boolean): ListenError {
  const code = "code" in cause ? String(cause.code) : "no code";
  const sharing = reusePort ? sharingExplanations[code] : undefined;
  const why = sharing ?? explanations[code] ?? `the system says ${code}`;
  return new ListenError(`cannot listen on ${address}: ${why}`, { cause });
}
