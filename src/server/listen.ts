import type { Server } from "node:net";

/** A listener that could not be opened. The message says what to do and may be shown to the operator. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/**
 * Makes a server listen and gives its port, which differs from `port` when that is 0. Throws
 * ListenError. The server has no listener for `error` afterwards.
 */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      reject(cannotListen(formatAddress(host, port), cause));
    };
    server.once("error", onError);
    server.listen({ host, port }, () => {
      server.off("error", onError);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
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

function cannotListen(address: string, cause: Error): ListenError {
  const code = "code" in cause ? String(cause.code) : "no code";
  const why = explanations[code] ?? `the system says ${code}`;
  return new ListenError(`cannot listen on ${address}: ${why}`, { cause });
}
