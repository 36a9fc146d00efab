import type { MessageInitShape } from "@bufbuild/protobuf";
import { invalidField } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { botId, permissionName, poolName } from "../../domain/names.ts";
import { createBotPermTest, denyBot } from "../../engine/checker/check-bot-perm.ts";
import { createPoolPermTest, denyPool } from "../../engine/checker/check-pool-perm.ts";
import {
  createTaskPermTest,
  denyTask,
  taskPermission,
} from "../../engine/checker/check-task-perm.ts";
import type { Denied } from "../../engine/decision.ts";
import type { Question } from "../../engine/delegation.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import type {
  BatchCheckPackedRequest,
  BatchCheckPackedResponse_DenialSchema,
  TaskInfo,
} from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { toStatus } from "../errors.ts";
import {
  assertionOf,
  botsInQuestion,
  poolsInQuestion,
  questionAbout,
  requireName,
  unknownPool,
  type AclCheck,
} from "./check.ts";
import { requireAllNames, requireAllTasks } from "./packed-syntax.ts";
import { tasksInQuestion } from "./task-check.ts";

/** What a packed batch comes to. */
export interface Packed {
  /** Bit i % 8 of byte i / 8 is that of resource i. */
  readonly permitted: Uint8Array<ArrayBuffer>;
  readonly denials: MessageInitShape<typeof BatchCheckPackedResponse_DenialSchema>[];
}

type Resources = BatchCheckPackedRequest["resources"];

/** Creates the test of many resources of one kind, about a permission of a caller. */
export type CreateTest<Resource> = (
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
) => (resource: Resource) => boolean;

/** The tests of a packed batch, by the kinds of its resources. */
export interface PackedTests {
  readonly pool: CreateTest<string>;
  readonly task: CreateTest<TaskInfo>;
  readonly bot: CreateTest<string>;
}

const engineTests: PackedTests = {
  pool: createPoolPermTest,
  task: createTaskPermTest,
  bot: createBotPermTest,
};

/** BatchCheckPacked, on the tests of the engine. */
export const packedCheck: AclCheck<BatchCheckPackedRequest, Packed> =
  createPackedCheck(engineTests);

/** Creates BatchCheckPacked on other tests. */
export function createPackedCheck(tests: PackedTests): AclCheck<BatchCheckPackedRequest, Packed> {
  return {
    caller: ({ caller }) => ({ field: "caller", identity: caller }),
    permission: ({ permission }) => permission,
    question: ({ permission, resources }) => questionAbout(permission, namedBy(resources)),
    validate: ({ permission, resources }) => {
      const isAboutTasks = resources.case === "tasks";
      requireName("permission", permission, isAboutTasks ? taskPermission : permissionName);
      validateResources(resources);
    },
    assertion: assertionOf,
    denied: (caller, request) => packAll(caller, request, denyingTests),
    decide: (snapshot, caller, request) => {
      const { permission } = request;
      return packAll(caller, request, {
        pool: () => tests.pool(snapshot, caller, permission),
        task: () => tests.task(snapshot, caller, permission),
        bot: () => tests.bot(snapshot, caller, permission),
      });
    },
  };
}

function namedBy(resources: Resources): Partial<Question> {
  switch (resources.case) {
    case "pools":
      return poolsInQuestion(resources.value.names);
    case "tasks":
      return tasksNamed(resources.value.infos);
    case "bots":
      return botsInQuestion(resources.value.ids);
    default:
      return {};
  }
}

// A delegation that is limited to realms does not cover a task that names nothing: the others must not take it along.
function tasksNamed(tasks: readonly TaskInfo[]): Partial<Question> {
  const named = tasksInQuestion(tasks);
  if (!tasks.some(namesNothing)) return named;
  return { ...named, pools: [...(named.pools ?? []), unknownPool] };
}

function namesNothing({ realm, pool, botId: bot }: TaskInfo): boolean {
  return realm === "" && pool === "" && bot === "";
}

function validateResources(resources: Resources): void {
  switch (resources.case) {
    case "pools":
      return requireAllNames("pools.names", resources.value.names, poolName);
    case "tasks":
      return requireAllTasks("tasks.infos", resources.value.infos);
    case "bots":
      return requireAllNames("bots.ids", resources.value.ids, botId);
    default:
      throw noResources(resources);
  }
}

function noResources(_resources: { readonly case: undefined }): Error {
  return invalidField("resources", "must be set: pools, tasks or bots");
}

/** The tests of one packed batch, of which one is made. */
type Tests = { readonly [Kind in keyof PackedTests]: () => ReturnType<PackedTests[Kind]> };

const permitNone = (): boolean => false;
const denyingTests: Tests = {
  pool: () => permitNone,
  task: () => permitNone,
  bot: () => permitNone,
};

function packAll(caller: Identity, request: BatchCheckPackedRequest, tests: Tests): Packed {
  const { resources } = request;
  switch (resources.case) {
    case "pools":
      return pack(caller, request, resources.value.names, tests.pool(), denyPool);
    case "tasks":
      return pack(caller, request, resources.value.infos, tests.task(), denyTask);
    case "bots":
      return pack(caller, request, resources.value.ids, tests.bot(), denyBot);
    default:
      throw noResources(resources);
  }
}

function pack<Resource>(
  caller: Identity,
  { permission, reasons }: BatchCheckPackedRequest,
  resources: readonly Resource[],
  isPermitted: (resource: Resource) => boolean,
  deny: (caller: Identity, permission: string, resource: Resource) => Denied,
): Packed {
  const permitted = new Uint8Array((resources.length + 7) >>> 3);
  const denials: Packed["denials"] = [];
  for (const [index, resource] of resources.entries()) {
    if (isPermitted(resource)) {
      permitted[index >>> 3] = (permitted[index >>> 3] ?? 0) | (1 << (index & 7));
    } else if (reasons) {
      const { denial } = deny(caller, permission, resource);
      denials.push({ index, status: toStatus({ reason: "PERMISSION_DENIED", ...denial }) });
    }
  }
  return { permitted, denials };
}
