import type { Interceptor, Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { atEnd } from "./cleanup.ts";
import { textFile } from "./clients.ts";
import { openApp, startServer, type Flags } from "./server.ts";

/** Two servers of one database, and an API key for each of some identities. */
export interface TwoReplicas<I extends string> {
  readonly urls: readonly [string, string];
  readonly tokens: Readonly<Record<I, string>>;
}

/** Starts two servers with a configuration, which both know of when it resolves, as of the keys. They end with the tests. */
export async function startTwoReplicas<const I extends string>(
  configuration: string,
  identities: readonly I[],
  flags: Flags = {},
): Promise<TwoReplicas<I>> {
  const server = await startServer(flags);
  await server.admin.config.apply({ files: [textFile(configuration)] });
  const second = await openApp(server.databaseUrl, flags);
  const keys = identities.map(async (identity) => {
    const { token } = await server.admin.keys.create({ identity });
    return [identity, token] as const;
  });
  const tokens = Object.fromEntries(await Promise.all(keys)) as Record<I, string>;
  await second.replica.refresh();
  return { urls: [server.url, second.url], tokens };
}

/** What a bearer speaks through, over gRPC, until the tests end. `interceptors` see its credential in the header. */
export function openTransport(
  url: string,
  token: string,
  ...interceptors: readonly Interceptor[]
): Transport {
  const sessionManager = new Http2SessionManager(url);
  atEnd(() => sessionManager.abort());
  const bearer: Interceptor = (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
  return createGrpcTransport({
    ...{ baseUrl: url, sessionManager, defaultTimeoutMs: 30_000 },
    interceptors: [bearer, ...interceptors],
  });
}
