import { fromJson, type JsonObject } from "@bufbuild/protobuf";
import { expandConfigurations } from "../../../src/config/expand.ts";
import { validateConfiguration, type ValidationInput } from "../../../src/config/validate.ts";
import { parseIdentity, type Identity } from "../../../src/domain/identity.ts";
import type { Configuration } from "../../../src/domain/model.ts";
import {
  botId,
  fullRealmName,
  permissionName,
  poolName,
  taskId,
} from "../../../src/domain/names.ts";
import { checkActAs } from "../../../src/engine/checker/check-act-as.ts";
import { checkAllPoolsPerm } from "../../../src/engine/checker/check-all-pools-perm.ts";
import { checkAnyPoolsPerm } from "../../../src/engine/checker/check-any-pools-perm.ts";
import { checkBotPerm } from "../../../src/engine/checker/check-bot-perm.ts";
import { checkCreateInRealm } from "../../../src/engine/checker/check-create-in-realm.ts";
import { checkPoolPerm } from "../../../src/engine/checker/check-pool-perm.ts";
import { checkServerPerm } from "../../../src/engine/checker/check-server-perm.ts";
import { checkTaskPerm } from "../../../src/engine/checker/check-task-perm.ts";
import { filterPoolsByPerm } from "../../../src/engine/checker/filter-pools-by-perm.ts";
import type { Decision } from "../../../src/engine/decision.ts";
import * as delegation from "../../../src/engine/delegation.ts";
import { createSnapshot, type Snapshot } from "../../../src/engine/snapshot.ts";
import { ConfigSchema } from "../../../src/gen/fleetgate/config/v1/config_pb.ts";
import type { Answer } from "../../spec/ask.ts";
import type { Question, TaskClaim } from "../../spec/question.ts";
import type { World } from "../../spec/world.ts";

/** What one source applies: its files, each a part of its world. */
export interface SourceFiles {
  readonly source: string;
  readonly files: readonly World[];
}

/** Takes a world the way of an apply, as one message of one source. */
export function loadWorld(world: World): Snapshot {
  return snapshotOf([configureWorld(world)]);
}

/** The canonical configuration of a world; throws with every error when it is refused. */
export function configureWorld(world: World): Configuration {
  const config = fromJson(ConfigSchema, world as JsonObject);
  return configure({ source: "main", files: [{ path: "main", config }], others: new Map() });
}

/** Takes the texts of several sources in their order, as if each were applied after the ones before it. */
export function loadSources(sources: readonly SourceFiles[]): Snapshot {
  return snapshotOf([...configureSources(sources).values()]);
}

/** The canonical configurations of several sources, as if each were applied after the ones before it. */
export function configureSources(
  sources: readonly SourceFiles[],
): ReadonlyMap<string, Configuration> {
  const configurations = new Map<string, Configuration>();
  for (const { source, files } of sources) {
    const texts = files.map((file, index) => ({
      path: `${source}-${index}.json`,
      text: JSON.stringify(file, undefined, 1),
    }));
    configurations.set(source, configure({ source, files: texts, others: configurations }));
  }
  return configurations;
}

function configure(input: ValidationInput): Configuration {
  const { configuration, problems } = validateConfiguration(input);
  if (configuration !== undefined) return configuration;
  const errors = problems.filter(({ severity }) => severity === "error");
  throw new Error(errors.map((it) => `${it.file}:${it.line} ${it.path}: ${it.message}`).join("\n"));
}

/** The snapshot of what all sources apply. */
export function snapshotOf(configurations: readonly Configuration[]): Snapshot {
  return createSnapshot({ revision: 1n, ...expandConfigurations(configurations) });
}

/**
 * Asks the engine. Malformed names are refused before it is asked, by the rules of the domain, as the
 * server does.
 */
export function askEngine(snapshot: Snapshot, question: Question): Answer {
  const caller = parseIdentity(
    question.check === "act_as" ? `user:${question.service_account}` : question.caller,
  );
  if (caller === undefined) return { answer: "invalid" };
  if ("permission" in question && !permissionName.test(question.permission)) {
    return { answer: "invalid" };
  }
  return askAsCaller(snapshot, caller, question);
}

function askAsCaller(snapshot: Snapshot, caller: Identity, question: Question): Answer {
  switch (question.check) {
    case "server":
      return toAnswer(checkServerPerm(snapshot, caller, question.permission));
    case "pool":
      if (!poolName.test(question.pool)) return { answer: "invalid" };
      return toAnswer(checkPoolPerm(snapshot, caller, question.permission, question.pool));
    case "all_pools":
    case "any_pools": {
      const { check, permission, pools } = question;
      if (pools.length === 0 || !pools.every(poolName.test)) return { answer: "invalid" };
      const askPools = check === "all_pools" ? checkAllPoolsPerm : checkAnyPoolsPerm;
      return toAnswer(askPools(snapshot, caller, permission, pools));
    }
    case "filter_pools": {
      const { permission, pools } = question;
      if (!pools.every(poolName.test)) return { answer: "invalid" };
      return { answer: "filtered", pools: filterPoolsByPerm(snapshot, caller, permission, pools) };
    }
    case "task":
      return askAboutTask(snapshot, caller, question.permission, question.task);
    case "bot":
      if (!botId.test(question.bot_id)) return { answer: "invalid" };
      return toAnswer(checkBotPerm(snapshot, caller, question.permission, question.bot_id));
    case "create_in_realm":
      if (!fullRealmName.test(question.realm)) return { answer: "invalid" };
      return toAnswer(checkCreateInRealm(snapshot, caller, question.realm));
    default:
      if (!fullRealmName.test(question.realm)) return { answer: "invalid" };
      return toAnswer(checkActAs(snapshot, caller, question.service_account, question.realm));
  }
}

function askAboutTask(
  snapshot: Snapshot,
  caller: Identity,
  permission: string,
  { task_id, realm, pool, bot_id, submitter }: TaskClaim,
): Answer {
  const isGood =
    ["swarming.tasks.get", "swarming.tasks.cancel"].includes(permission) &&
    taskId.test(task_id) &&
    (realm === "" || fullRealmName.test(realm)) &&
    (pool === "" || poolName.test(pool)) &&
    (bot_id === "" || botId.test(bot_id)) &&
    (submitter === "" || parseIdentity(submitter) !== undefined);
  if (!isGood) return { answer: "invalid" };
  const task = { taskId: task_id, realm, pool, botId: bot_id, submitter };
  return toAnswer(checkTaskPerm(snapshot, caller, permission, task));
}

function toAnswer(decision: Decision): Answer {
  return { answer: decision.permitted ? "permitted" : "denied" };
}

/** Whether the engine lets a peer ask a well-formed question about another caller. */
export function mayAskEngineOnBehalf(
  snapshot: Snapshot,
  peer: string,
  caller: string,
  question: Question,
): boolean {
  return delegation.mayAskOnBehalf(
    snapshot,
    identity(peer),
    identity(caller),
    toDelegationQuestion(question),
  );
}

function toDelegationQuestion(question: Question): delegation.Question {
  const nothing = { pools: [], bots: [], realms: [] };
  switch (question.check) {
    case "server":
      return { ...nothing, permission: question.permission };
    case "pool":
      return { ...nothing, permission: question.permission, pools: [question.pool] };
    case "all_pools":
    case "any_pools":
    case "filter_pools":
      return { ...nothing, permission: question.permission, pools: question.pools };
    case "task": {
      const { realm, pool, bot_id } = question.task;
      const inBot = bot_id === "" ? nothing : { ...nothing, bots: [bot_id] };
      const inPool = pool === "" ? inBot : { ...nothing, pools: [pool] };
      const realms = realm === "" ? [] : [realm];
      return { ...inPool, permission: question.permission, realms };
    }
    case "bot":
      return { ...nothing, permission: question.permission, bots: [question.bot_id] };
    case "create_in_realm":
      return { ...nothing, permission: "swarming.tasks.createInRealm", realms: [question.realm] };
    default:
      return { ...nothing, permission: "swarming.tasks.actAs", realms: [question.realm] };
  }
}

/** A text as an identity; throws when it is malformed. */
export function identity(text: string): Identity {
  const parsed = parseIdentity(text);
  if (parsed === undefined) throw new Error(`not an identity: ${text}`);
  return parsed;
}
