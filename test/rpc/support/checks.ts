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

/** Random checks of every kind over the names, and sometimes over malformed ones when `malformed` is set. */
export function anyCheck(names: Names, malformed: boolean): fc.Arbitrary<AnyCheck> {
  const bad = malformed ? ["", "?", "a:b\n"] : [];
  const caller = fc.constantFrom("", ...names.callers, ...bad);
  const permission = fc.constantFrom(...swarmingPermissions, "a.b.c", ...bad);
  const pool = fc.constantFrom(...names.pools, ...bad);
  const pools = fc.array(pool, { minLength: malformed ? 0 : 1, maxLength: 4 });
  const botId = fc.constantFrom(...names.bots, ...bad);
  const realm = fc.constantFrom(...names.realms, ...bad);
  const taskPermission = fc.constantFrom("swarming.tasks.get", "swarming.tasks.cancel", ...bad);
  const absent = fc.constant("");
  const task = fc.record({
    taskId: fc.constantFrom("t1", ...bad),
    realm: fc.oneof(absent, realm),
    pool: fc.oneof(absent, pool),
    botId: fc.oneof(absent, botId),
    submitter: fc.constantFrom("", ...names.callers, ...bad),
  });
  const serviceAccount = fc
    .constantFrom(...names.callers, ...bad)
    .map((text) => text.replace("user:", ""));
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
