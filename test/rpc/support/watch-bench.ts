import assert from "node:assert/strict";
import { createClient, ConnectError } from "@connectrpc/connect";
import type { SubjectChange } from "../../../src/credentials/identifier.ts";
import {
  CallerService,
  type WatchRevocationsResponse,
} from "../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { ErrorInfoSchema } from "../../../src/gen/google/rpc/error_details_pb.ts";
import { bearer, openBench, type Bench } from "./bench.ts";
import { createFakeCredentials, type FakeCredentials } from "./fake-credentials.ts";
import { now } from "./keys.ts";
import { binding, createState, keys, usual } from "./world.ts";

const identify = {
  ...{ name: "customRole/identify", includes: [], unresolved: false },
  permissions: ["fleetgate.callers.identify"],
};

/** A configuration in which `service:scheduler`, bot and runner `host` may identify callers in these realms of project `acme`. */
export const worldOf = (...names: readonly string[]): typeof usual => ({
  ...usual,
  projects: usual.projects.map((project) => ({
    ...project,
    customRoles: [identify],
    realms: project.realms.map((realm) => ({
      ...realm,
      bindings: names.includes(realm.name)
        ? [binding("customRole/identify", "service:scheduler", "bot:host", "runner:host")]
        : realm.bindings,
    })),
  })),
});

/** The usual one: realm `acme:tasks`. */
export const world = worldOf("tasks");

/** A change by which somebody may do less. */
export const change = (subjectUid: string, realm = "acme:tasks", version = 2n): SubjectChange => ({
  ...{ subjectUid, credentialId: undefined, realm, version, shrinks: true },
});

/** A stream that is open. */
export interface TestWatch {
  readonly next: () => Promise<WatchRevocationsResponse>;
  /** The reason with which it ends. */
  readonly failure: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** A handler in service, and streams to it. */
export interface WatchBench extends Bench {
  readonly fake: FakeCredentials;
  /** Back to the usual world, in which nobody watches. */
  readonly reset: () => void;
  /** Opens a stream, and waits until it is told of news. */
  readonly open: (token?: string, wire?: number, cursor?: string) => Promise<TestWatch>;
  /** Tells those who watch. */
  readonly tell: (changes: readonly SubjectChange[], xmin?: bigint, completeAt?: number) => void;
}

/** Puts a handler into service whose log of changes says what a test says. */
export async function openWatchBench(): Promise<WatchBench> {
  const fake = createFakeCredentials();
  const bench = await openBench({ credentials: fake.area });
  return Object.assign(bench, {
    fake,
    reset: () => {
      fake.reset();
      bench.time = now;
      bench.replica.age = 0;
      bench.replica.state = createState(world);
    },
    open: async (token = keys.scheduler.token, wire = 0, cursor = ""): Promise<TestWatch> => {
      const { transport } = bench.wires[wire] ?? assert.fail();
      const end = new AbortController();
      const before = fake.watchers();
      const stream = createClient(CallerService, transport).watchRevocations(
        { cursor },
        { headers: bearer(token), signal: end.signal },
      );
      const iterator = stream[Symbol.asyncIterator]();
      const first = iterator.next();
      first.catch(() => {});
      if (cursor === "") await until(() => fake.watchers() > before);
      let isFirst = true;
      return {
        next: async () => {
          const result = await (isFirst ? first : iterator.next());
          isFirst = false;
          if (result.done === true) assert.fail("the stream has ended");
          return result.value;
        },
        failure: async () => {
          try {
            await (isFirst ? first : iterator.next());
          } catch (error) {
            const [info] = ConnectError.from(error).findDetails(ErrorInfoSchema);
            return info?.reason ?? ConnectError.from(error).message;
          }
          return "";
        },
        close: async () => {
          end.abort();
          await until(() => fake.watchers() === before);
        },
      };
    },
    tell: (changes: readonly SubjectChange[], xmin = 100n, completeAt = now.getTime()) => {
      fake.tell({ changes, cursor: { server: "1", xmin, completeAt }, hasGap: false });
    },
  });
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
