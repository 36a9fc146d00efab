import type { Identity } from "../../domain/identity.ts";
import { checkActAs } from "../checker/check-act-as.ts";
import { checkAllPoolsPerm } from "../checker/check-all-pools-perm.ts";
import { checkAnyPoolsPerm } from "../checker/check-any-pools-perm.ts";
import { checkBotPerm } from "../checker/check-bot-perm.ts";
import { checkCreateInRealm } from "../checker/check-create-in-realm.ts";
import { checkPoolPerm } from "../checker/check-pool-perm.ts";
import { checkServerPerm } from "../checker/check-server-perm.ts";
import { checkTaskPerm } from "../checker/check-task-perm.ts";
import { filterPoolsByPerm } from "../checker/filter-pools-by-perm.ts";
import { permitted, type Decision } from "../decision.ts";
import type { Snapshot } from "../snapshot.ts";
import type { CheckQuestion } from "./question.ts";

/** What a check answers. */
export interface Answer {
  readonly decision: Decision;
  /** Of a filter: the pools that are left. */
  readonly pools: readonly string[];
}

/** Asks the checkers. Throws INVALID_FIELD as they do. */
export function decide(snapshot: Snapshot, caller: Identity, question: CheckQuestion): Answer {
  switch (question.check) {
    case "server":
      return answer(checkServerPerm(snapshot, caller, question.permission));
    case "pool":
      return answer(checkPoolPerm(snapshot, caller, question.permission, question.pool));
    case "all_pools":
      return answer(checkAllPoolsPerm(snapshot, caller, question.permission, question.pools));
    case "any_pools":
      return answer(checkAnyPoolsPerm(snapshot, caller, question.permission, question.pools));
    case "filter_pools":
      return answer(
        permitted,
        filterPoolsByPerm(snapshot, caller, question.permission, question.pools),
      );
    case "task":
      return answer(checkTaskPerm(snapshot, caller, question.permission, question.task));
    case "bot":
      return answer(checkBotPerm(snapshot, caller, question.permission, question.botId));
    case "create_in_realm":
      return answer(checkCreateInRealm(snapshot, caller, question.realm));
    default:
      return answer(checkActAs(snapshot, caller, question.serviceAccount, question.realm));
  }
}

function answer(decision: Decision, pools: readonly string[] = []): Answer {
  return { decision, pools };
}
