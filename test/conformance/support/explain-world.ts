import type { Identity } from "../../../src/domain/identity.ts";
import type { Configuration } from "../../../src/domain/model.ts";
import { explainCheck } from "../../../src/engine/inspect/explain.ts";
import type { Explanation } from "../../../src/engine/inspect/explanation.ts";
import type { Inspection } from "../../../src/engine/inspect/inspection.ts";
import type { CheckQuestion } from "../../../src/engine/inspect/question.ts";
import { inspectionOf } from "../../../src/replica/inspection.ts";
import { createOrigin } from "../../../src/replica/origin.ts";
import { callerOf, type Question } from "../../spec/question.ts";
import type { World } from "../../spec/world.ts";
import { configureWorld, identity } from "./engine-world.ts";

/** The inspection of a world that is applied as one source, `main`. */
export function inspectWorld(world: World): Inspection {
  return inspectConfigurations(new Map([["main", configureWorld(world)]]));
}

/** The inspection of the configurations of several sources. */
export function inspectConfigurations(
  configurations: ReadonlyMap<string, Configuration>,
): Inspection {
  return inspectionOf(createOrigin(1n, configurations));
}

/** Explains a well-formed question. */
export function explain(inspection: Inspection, question: Question): Explanation {
  return explainCheck(inspection, callerIdentity(question), toCheckQuestion(question));
}

function callerIdentity(question: Question): Identity {
  return identity(callerOf(question));
}

function toCheckQuestion(question: Question): CheckQuestion {
  switch (question.check) {
    case "task": {
      const { task_id, realm, pool, bot_id, submitter } = question.task;
      const task = { taskId: task_id, realm, pool, botId: bot_id, submitter };
      return { check: "task", permission: question.permission, task };
    }
    case "bot":
      return { check: "bot", permission: question.permission, botId: question.bot_id };
    case "act_as": {
      const { service_account, realm } = question;
      return { check: "act_as", serviceAccount: service_account, realm };
    }
    default:
      return question;
  }
}
