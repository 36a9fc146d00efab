import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mock } from "node:test";
import { timestampFromMs, durationFromMs } from "@bufbuild/protobuf/wkt";
import { createRouterTransport } from "@connectrpc/connect";
import { createClients } from "../../../../../src/client/index.ts";
import { createCallerIdentifier } from "../../../../../src/client/node/callers/caller-identifier.ts";
import type { CallerIdentifier } from "../../../../../src/client/node/callers/caller-identifier.ts";
import {
  CallerService,
  Freshness,
  type WatchRevocationsResponse,
} from "../../../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { WatchRevocationsResponseSchema } from "../../../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { toConnectError } from "../../../../../src/rpc/errors.ts";
import { DomainError } from "../../../../../src/domain/errors.ts";

type Message = MessageInitShape<typeof WatchRevocationsResponseSchema>;

/** A service with one token per subject, whose watch tells what a test says. */
export interface Fake {
  readonly identifier: CallerIdentifier;
  readonly asked: { readonly token: string; readonly strict: boolean }[];
  /** The versions of subjects; a token is its subject's uid. */
  readonly versions: Map<string, bigint>;
  readonly cursors: string[];
  /** The configuration from which answers are; the watch tells of the first one. */
  configuration: string;
  /** Sends a message on the open watch, and waits until it was read. */
  readonly tell: (message: Message) => Promise<void>;
  readonly breakWatch: (error?: Error) => Promise<void>;
  /** Set: answers wait for it. */
  gate: Promise<void> | undefined;
  refusal: DomainError | undefined;
  readonly clock: { now: number };
}

/** Opens one whose watch has told nothing yet. */
export async function open(
  context: { after: (act: () => unknown) => void },
  maxEntries = 100,
): Promise<Fake> {
  const asked: { token: string; strict: boolean }[] = [];
  const versions = new Map<string, bigint>();
  const cursors: string[] = [];
  const world = new EventEmitter();
  let resume: ((next: WatchRevocationsResponse | Error | undefined) => void) | undefined;
  const clock = { now: 1_000_000 };
  const now = mock.method(performance, "now", () => clock.now);
  const fake: Pick<Fake, "gate" | "refusal" | "configuration"> = {
    gate: undefined,
    refusal: undefined,
    configuration: "r1",
  };
  const transport = createRouterTransport(({ service }) => {
    service(CallerService, {
      identifyCaller: async ({ token, audience, freshness }) => {
        assert.equal(audience, "cache");
        asked.push({ token, strict: freshness === Freshness.STRICT });
        const version = versions.get(token) ?? 1n;
        const revisionToken = fake.configuration;
        if (fake.gate !== undefined && freshness !== Freshness.STRICT) await fake.gate;
        if (fake.refusal !== undefined) throw toConnectError(fake.refusal);
        return {
          caller: { identity: `task:${token}`, subjectUid: token, version },
          cacheFor: durationFromMs(2000),
          cacheForWatching: durationFromMs(30_000),
          revisionToken,
        };
      },
      watchRevocations: async function* ({ cursor }) {
        cursors.push(cursor);
        for (;;) {
          const next = await new Promise<WatchRevocationsResponse | Error | undefined>(
            (resolve) => {
              resume = resolve;
              world.emit("waiting");
            },
          );
          if (next === undefined) return;
          if (next instanceof Error) throw next;
          yield next;
        }
      },
    });
  });
  const waiting = once(world, "waiting");
  const identifier = createCallerIdentifier(createClients(transport), {
    ...{ audience: "cache", maxEntries },
    onWarning: () => undefined,
  });
  context.after(async () => {
    await identifier.close();
    resume?.(undefined);
    now.mock.restore();
  });
  await waiting;
  const send = async (next: WatchRevocationsResponse | Error | undefined): Promise<void> => {
    const again = once(world, "waiting");
    resume?.(next);
    await again;
  };
  return Object.assign(fake, {
    ...{ identifier, asked, versions, cursors, clock },
    tell: (message: Message) => {
      const { now } = clock;
      // The clock of the database is another one.
      const completeAt = timestampFromMs(1_900_000_000_000 + now);
      return send(
        create(WatchRevocationsResponseSchema, {
          ...{ completeAt, cursor: `c${now}`, revisionToken: "r1" },
          ...message,
        }),
      );
    },
    breakWatch: async (
      error: Error = toConnectError(new DomainError("STORAGE_UNAVAILABLE", "gone")),
    ) => send(error),
  });
}

/** Opens one whose watch has begun so long ago that answers may be remembered for its sake. */
export async function openWatching(context: {
  after: (act: () => unknown) => void;
}): Promise<Fake> {
  const fake = await open(context);
  await fake.tell({});
  fake.clock.now += 2001;
  await fake.tell({});
  return fake;
}
