import { identityRule, parseIdentity } from "../../domain/identity.ts";
import { botId, fullRealmName, poolName, splitRealm, taskId } from "../../domain/names.ts";
import type {
  PolicyTest as TestMessage,
  TestTask,
} from "../../gen/fleetgate/config/v1/test_suite_pb.ts";
import type { Located } from "../located-config.ts";
import { within, type Place } from "../place.ts";
import { checkOptional } from "../rules/fields.ts";
import type { Known } from "../rules/known.ts";
import { show } from "../show.ts";
import { suggest } from "../suggest.ts";
import type { TestContext } from "./context.ts";
import { oneOrMany } from "./one-or-many.ts";
import type { TestPlace } from "./policy-test.ts";

const identity = {
  test: (text: string) => parseIdentity(text) !== undefined,
  rule: identityRule,
};

/** Checks that a test names one kind of place, and returns the places; none when they cannot be used. */
export function checkPlaces(
  context: TestContext,
  { value, place }: Located<TestMessage>,
): readonly TestPlace[] {
  const { problems } = context;
  const named = [
    ...(value.server ? ["server"] : []),
    ...(value.pool !== "" || value.pools.length > 0 ? ["pool"] : []),
    ...(value.realm === "" ? [] : ["realm"]),
    ...(value.task === undefined ? [] : ["task"]),
    ...(value.botId === "" ? [] : ["bot_id"]),
  ];
  if (named.length === 0) {
    const hint = "name one of: server (true), pool, pools, realm, task, bot_id";
    problems.error(within(place, "pool"), "no place is named", hint);
    return [];
  }
  if (named.length > 1) {
    const message = `${named.join(" and ")} exclude each other`;
    problems.error(within(place, named[1] ?? ""), message, "cut the test into several");
    return [];
  }
  if (value.server) return [{ kind: "server" }];
  if (value.task !== undefined) {
    return checkTask(context, { value: value.task, place: within(place, "task") });
  }
  if (value.realm !== "") {
    const good = checkRealm(context, place, value.realm);
    return good ? [{ kind: "realm", realm: value.realm }] : [];
  }
  if (value.botId !== "") {
    const good = checkOptional(problems, place, "bot_id", value.botId, botId);
    return good ? [{ kind: "bot", botId: value.botId }] : [];
  }
  const pools = oneOrMany(problems, place, {
    one: ["pool", value.pool],
    many: ["pools", value.pools],
    list: { item: "a pool", rule: poolName },
    each: (name, at) => {
      checkPool(context, name, at);
    },
  });
  return pools.map((pool) => ({ kind: "pool", pool }));
}

function checkTask(
  context: TestContext,
  { value, place }: Located<TestTask>,
): readonly TestPlace[] {
  const { problems } = context;
  const { realm, pool, submitter } = value;
  const good = [
    checkOptional(problems, place, "task_id", value.taskId, taskId),
    realm === "" || checkRealm(context, place, realm),
    checkOptional(problems, place, "pool", pool, poolName),
    checkOptional(problems, place, "bot_id", value.botId, botId),
    checkOptional(problems, place, "submitter", submitter, identity),
  ];
  if (good.includes(false)) return [];
  if (pool !== "") checkPool(context, pool, within(place, "pool"));
  const task = { taskId: value.taskId || "test", realm, pool, botId: value.botId, submitter };
  return [{ kind: "task", task }];
}

// A denial in a place that nobody configured proves nothing: most likely the name is wrong.

function checkPool({ problems, known }: TestContext, name: string, at: Place): void {
  if (known === undefined || known.pools.has(name)) return;
  const hint = (): string => suggest(name, known.pools) || "name a pool of the configuration";
  problems.error(at, `no pool is named ${show(name)}`, hint);
}

function checkRealm({ problems, known }: TestContext, parent: Place, name: string): boolean {
  if (!checkOptional(problems, parent, "realm", name, fullRealmName)) return false;
  if (known === undefined || known.realms.has(name)) return true;
  const at = within(parent, "realm");
  const hint = (): string => suggest(name, known.realms) || "name a realm of the configuration";
  const root = rootOf(name, known);
  if (root === undefined) problems.error(at, `no realm is named ${show(name)}`, hint);
  else problems.warning(at, `no realm is named ${show(name)}: ${show(root)} decides`, hint);
  return true;
}

function rootOf(name: string, known: Known): string | undefined {
  const root = `${splitRealm(name).project}:@root`;
  return known.realms.has(root) ? root : undefined;
}
