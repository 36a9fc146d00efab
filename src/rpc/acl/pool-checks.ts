import { invalidField } from "../../domain/errors.ts";
import { permissionName, poolName } from "../../domain/names.ts";
import { checkAllPoolsPerm, denyAllPools } from "../../engine/checker/check-all-pools-perm.ts";
import { checkAnyPoolsPerm, denyAnyPools } from "../../engine/checker/check-any-pools-perm.ts";
import { checkPoolPerm, denyPool } from "../../engine/checker/check-pool-perm.ts";
import { filterPoolsByPerm } from "../../engine/checker/filter-pools-by-perm.ts";
import type {
  CheckAllPoolsPermRequest,
  CheckAnyPoolsPermRequest,
  CheckPoolPermRequest,
  FilterPoolsByPermRequest,
} from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import {
  assertionOf,
  poolQuestion,
  poolsInQuestion,
  questionAbout,
  requireName,
  type AclCheck,
} from "./check.ts";

/** The most pools that one request may name. */
export const maxPools = 10_000;

interface ManyPoolsRequest {
  readonly caller: string;
  readonly permission: string;
  readonly pools: string[];
  readonly callerAssertion: string;
}

// How many pools there must be at least is up to the check.
const manyPools: Omit<AclCheck<ManyPoolsRequest>, "denied" | "decide"> = {
  caller: ({ caller }) => ({ field: "caller", identity: caller }),
  permission: ({ permission }) => permission,
  assertion: assertionOf,
  question: ({ permission, pools }) => questionAbout(permission, poolsInQuestion(pools)),
  validate: ({ permission, pools }) => {
    requireName("permission", permission, permissionName);
    if (pools.length > maxPools) throw invalidField("pools", `must hold at most ${maxPools} names`);
    for (const [index, pool] of pools.entries()) {
      requireName(`pools[${index}]`, pool, poolName);
    }
  },
};

/** CheckPoolPerm. */
export const poolCheck: AclCheck<CheckPoolPermRequest> = {
  caller: ({ caller }) => ({ field: "caller", identity: caller }),
  permission: ({ permission }) => permission,
  question: ({ permission, pool }) => poolQuestion(permission, pool),
  validate: ({ permission, pool }) => {
    requireName("permission", permission, permissionName);
    requireName("pool", pool, poolName);
  },
  assertion: assertionOf,
  denied: (caller, { permission, pool }) => denyPool(caller, permission, pool),
  decide: (snapshot, caller, { permission, pool }) =>
    checkPoolPerm(snapshot, caller, permission, pool),
};

/** CheckAllPoolsPerm. */
export const allPoolsCheck: AclCheck<CheckAllPoolsPermRequest> = {
  ...manyPools,
  denied: (caller, { permission, pools }) => denyAllPools(caller, permission, pools),
  decide: (snapshot, caller, { permission, pools }) =>
    checkAllPoolsPerm(snapshot, caller, permission, pools),
};

/** CheckAnyPoolsPerm. */
export const anyPoolsCheck: AclCheck<CheckAnyPoolsPermRequest> = {
  ...manyPools,
  denied: (caller, { permission, pools }) => denyAnyPools(caller, permission, pools),
  decide: (snapshot, caller, { permission, pools }) =>
    checkAnyPoolsPerm(snapshot, caller, permission, pools),
};

/** FilterPoolsByPerm. */
export const filterPoolsCheck: AclCheck<FilterPoolsByPermRequest> = {
  ...manyPools,
  denied: () => ({ permitted: true, pools: [] }),
  decide: (snapshot, caller, { permission, pools }) => ({
    permitted: true,
    pools: filterPoolsByPerm(snapshot, caller, permission, pools),
  }),
};
