import type { DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import {
  AclService,
  type BatchCheckRequest_CheckSchema,
} from "../../../src/gen/fleetgate/acl/v1/acl_service_pb.ts";
import { swarmingPermissions } from "../../../src/domain/permissions.ts";

/** One check of any kind, as an item of a batch holds it. */
export type AnyCheck = Extract<
  NonNullable<MessageInitShape<typeof BatchCheckRequest_CheckSchema>["check"]>,
  { readonly case: string }
>;

const { method } = AclService;

/** The single call that makes the same check as an item of a batch. */
export const singleCalls: Readonly<Record<AnyCheck["case"], DescMethodUnary>> = {
  server: method.checkServerPerm,
  pool: method.checkPoolPerm,
  allPools: method.checkAllPoolsPerm,
  anyPools: method.checkAnyPoolsPerm,
  filterPools: method.filterPoolsByPerm,
  task: method.checkTaskPerm,
  bot: method.checkBotPerm,
  createInRealm: method.checkCreateInRealm,
  actAs: method.checkActAs,
};

/** The names that random checks are made of. */
export interface Names {
  readonly callers: readonly string[];
  readonly pools: readonly string[];
  readonly bots: readonly string[];
  readonly realms: readonly string[];
}

const malformedNames = ["", "?", "a:b\n"];

/** Random checks of every kind over the names, and now and then over malformed ones when `malformed` is set. */
export function anyCheck(names: Names, malformed: boolean): fc.Arbitrary<AnyCheck> {
  // Rarely: one malformed name is enough to keep the check from being made.
  const oneOf = (...good: readonly string[]): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 24, arbitrary: fc.constantFrom(...good) },
      { weight: malformed ? 1 : 0, arbitrary: fc.constantFrom(...malformedNames) },
    );
  const caller = oneOf("", ...names.callers);
  const permission = oneOf(...swarmingPermissions, "a.b.c");
  const pool = oneOf(...names.pools);
  const pools = fc.array(pool, { minLength: malformed ? 0 : 1, maxLength: 4 });
  const botId = oneOf(...names.bots);
  const realm = oneOf(...names.realms);
  const taskPermission = oneOf("swarming.tasks.get", "swarming.tasks.cancel");
  const absent = fc.constant("");
  const task = fc.record({
    taskId: oneOf("t1"),
    realm: fc.oneof(absent, realm),
    pool: fc.oneof(absent, pool),
    botId: fc.oneof(absent, botId),
    submitter: oneOf("", ...names.callers),
  });
  const serviceAccount = oneOf(...names.callers).map((text) => text.replace("user:", ""));
  const of = (kind: AnyCheck["case"], value: fc.Arbitrary<unknown>): fc.Arbitrary<AnyCheck> =>
    value.map((request) => ({ case: kind, value: request }) as AnyCheck);
  return fc.oneof(
    of("server", fc.record({ caller, permission })),
    of("pool", fc.record({ caller, permission, pool })),
    of("allPools", fc.record({ caller, permission, pools })),
    of("anyPools", fc.record({ caller, permission, pools })),
    of("filterPools", fc.record({ caller, permission, pools })),
    of("task", fc.record({ caller, permission: taskPermission, task })),
    of("bot", fc.record({ caller, permission, botId })),
    of("createInRealm", fc.record({ caller, realm })),
    of("actAs", fc.record({ serviceAccount, realm })),
  );
}
