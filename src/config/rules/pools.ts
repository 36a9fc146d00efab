import { fullRealmName, poolName } from "../../domain/names.ts";
import { within } from "../place.ts";
import type { RuleContext } from "./context.ts";
import { checkOptional, checkRequired } from "./fields.ts";
import { warnUnknownRealm } from "./unknown.ts";

/** Pools: names and realms, which need not exist. */
export function checkPools(context: RuleContext): void {
  const { config, problems } = context;
  for (const { value, place } of config.pools) {
    checkRequired(problems, place, "name", value.name, poolName);
    if (checkRequired(problems, place, "realm", value.realm, fullRealmName)) {
      warnUnknownRealm(context, value.realm, () => within(place, "realm"));
    }
    const field = "default_task_realm";
    const realm = value.defaultTaskRealm;
    if (checkOptional(problems, place, field, realm, fullRealmName) && realm !== "") {
      warnUnknownRealm(context, realm, () => within(place, field));
    }
  }
}
