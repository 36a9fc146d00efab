import { randomUUID } from "node:crypto";
import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { createRpcHandler } from "../../../src/rpc/handler.ts";
import type { TestLog } from "../../commands/change/support.ts";
import { ask, bearer, type Reply } from "./bench.ts";
import { makeKey, now } from "./keys.ts";
import { startServers } from "./servers.ts";
import { openWires, type Wire } from "./wires.ts";

/** The whole handler on a real database. */
export interface LogBench {
  readonly log: TestLog;
  readonly wires: readonly Wire[];
  /** Asks as an identity, which gets an API key at its first call: that is a change. */
  readonly askAs: <I extends DescMessage, O extends DescMessage>(
    identity: string,
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    wire?: Wire,
  ) => Promise<Reply>;
  readonly close: () => Promise<void>;
}

/** Puts the handler into service on a log, with API keys for these identities: a change of their own. */
export async function openLogBench(log: TestLog, identities: readonly string[]): Promise<LogBench> {
  const keys = new Map(identities.map((identity) => [identity, makeKey(identity)]));
  await log.change(
    [...keys.values()].map(({ body }) => ({
      kind: "api_key",
      key: body.id,
      before: undefined,
      after: body,
    })),
  );
  const handler = createRpcHandler({
    commands: log.deps,
    replica: log.deps.replica,
    publicServices: [],
    onCall: () => {},
    onKeyUse: () => {},
    clock: () => now,
    newRequestId: randomUUID,
    shutdownSignal: new AbortController().signal,
    options: { allowAnonymous: true, freshnessWaitMs: 2000, maxTimeoutMs: 60_000 },
  });
  const servers = await startServers(handler);
  const opened = openWires(servers);
  const { wires } = opened;
  const [first] = wires;
  if (first === undefined) throw new Error("there is no wire");
  return {
    log,
    wires,
    askAs: (identity, method, request, wire = first) => {
      const key = keys.get(identity);
      return ask(wire.transport, method, request, key === undefined ? {} : bearer(key.token));
    },
    close: async () => {
      opened.close();
      await servers.close();
    },
  };
}
