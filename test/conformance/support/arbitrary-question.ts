import * as fc from "fast-check";
import type { Question } from "../../spec/question.ts";
import * as names from "./alphabets.ts";

/** Mostly a good name; now and then a malformed one. */
function mostly(good: readonly string[], malformed: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 120, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom("", ...malformed) },
  );
}

const caller = mostly(names.identities, names.malformedIdentities);
const permission = mostly(
  [
    ...names.permissions,
    ...names.boundPermissions,
    "swarming.pools.listBots",
    "swarming.pools.cancelTask",
    "swarming.pools.listTasks",
    "swarming.pools.createTask",
    names.undeclaredPermission,
  ],
  names.malformedPermissions,
);
const pool = mostly([...names.pools, names.unknownPool], names.malformedPools);
const pools = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 12, arbitrary: fc.array(pool, { minLength: 1, maxLength: 4 }) },
);
const botId = mostly(names.bots, names.malformedPools);
const realm = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...names.likelyRealms) },
  { weight: 1, arbitrary: mostly(names.fullRealms, names.malformedRealms) },
);

function optional(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(fc.constant(""), text);
}

const task = fc.record({
  task_id: mostly(["t1", 'a "task"'], ["\u0000"]),
  realm: optional(realm),
  pool: optional(pool),
  bot_id: optional(botId),
  submitter: fc.oneof({ weight: 3, arbitrary: fc.constant("") }, { weight: 1, arbitrary: caller }),
});

const taskPermission = mostly(
  ["swarming.tasks.get", "swarming.tasks.cancel"],
  ["swarming.pools.listTasks", "swarming.tasks.actAs"],
);

const serviceAccount = mostly(
  names.identities.filter((it) => it.startsWith("user:")).map((it) => it.slice("user:".length)),
  ["user:ann@x.com", "ann"],
);

/** A question over the small alphabets, of any kind; a few are malformed. */
export const arbitraryQuestion: fc.Arbitrary<Question> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ check: fc.constant("server" as const), caller, permission }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ check: fc.constant("pool" as const), caller, permission, pool }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      check: fc.constantFrom("all_pools" as const, "any_pools" as const, "filter_pools" as const),
      caller,
      permission,
      pools,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      check: fc.constant("task" as const),
      caller,
      permission: taskPermission,
      task,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      check: fc.constant("bot" as const),
      caller,
      permission,
      bot_id: botId,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ check: fc.constant("create_in_realm" as const), caller, realm }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      check: fc.constant("act_as" as const),
      service_account: serviceAccount,
      realm,
    }),
  },
);

/** Exactly as many questions. */
export function arbitraryQuestions(count: number): fc.Arbitrary<readonly Question[]> {
  return fc.array(arbitraryQuestion, { minLength: count, maxLength: count });
}
