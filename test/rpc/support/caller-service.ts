import assert from "node:assert/strict";
import { after, before, beforeEach } from "node:test";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  CallerService,
  type Freshness,
  type IdentifyCallerRequestSchema,
} from "../../../src/gen/fleetgate/credential/v1/caller_service_pb.ts";
import { ask, bearer, openBench, type Bench, type Reply } from "./bench.ts";
import { createFakeCredentials, makeCredential, makeTask } from "./fake-credentials.ts";
import { binding, createState, keys, usual } from "./world.ts";

/** The methods of the service. */
export const { identifyCaller, batchIdentifyCallers } = CallerService.method;

/** What a request shows. */
export type Shown = MessageInitShape<typeof IdentifyCallerRequestSchema>;

/** `service` may identify callers in realm `acme:tasks`. */
export function realms(service: string) {
  return {
    ...usual,
    projects: usual.projects.map((project) => ({
      ...project,
      customRoles: [
        {
          ...{ name: "customRole/identify", includes: [], unresolved: false },
          permissions: ["fleetgate.callers.identify"],
        },
        {
          ...{ name: "customRole/work", includes: [], unresolved: false },
          permissions: ["swarming.tasks.get", "fleetgate.urls.sign"],
        },
      ],
      realms: project.realms.map((realm) => ({
        ...realm,
        bindings:
          realm.name === "tasks"
            ? [
                binding("customRole/identify", service, "bot:host"),
                binding("customRole/work", "task:t1", "bot:ci-1"),
              ]
            : realm.bindings,
      })),
    })),
  };
}

/** What the scheduler may identify callers by. */
export const callerWorld = realms("service:scheduler");

/** A server that identifies callers, over all wires, and what its tests ask it for. */
export function useCallerService() {
  const fake = createFakeCredentials();
  let bench: Bench;
  before(async () => {
    bench = await openBench({ credentials: fake.area });
  });
  after(() => bench.close());
  beforeEach(() => {
    fake.reset();
    bench.replica.state = createState(callerWorld);
    bench.replica.next = undefined;
    bench.replica.failure = undefined;
    bench.records.length = 0;
  });

  const identify = (request: Shown, peer = keys.scheduler.token, wire = 0): Promise<Reply> => {
    const { transport } = bench.wires[wire] ?? assert.fail();
    return ask(transport, identifyCaller, { audience: "cache", ...request }, bearer(peer));
  };
  const task = makeCredential("task", "t1", {
    subject: makeTask("t1", { delegatedUser: "user:ann@example.com", botId: "ci-1" }),
    permissions: ["swarming.tasks.get", "swarming.tasks.cancel"],
  });
  const malformed: readonly (readonly [string, Shown])[] = [
    ["audience", { token: "x", audience: "" }],
    ["audience", { token: "x", audience: "A" }],
    ["audience", { token: "x", audience: "x".repeat(65) }],
    ["want_permission", { token: "x", wantPermission: "x" }],
    ["target_subject", { token: "x", targetSubject: "user:ann@example.com" }],
    ["target_subject", { token: "x", targetSubject: "t1" }],
    ["freshness", { token: "x", freshness: 9 as Freshness }],
  ];

  return { fake, bench: () => bench, identify, task, malformed };
}
