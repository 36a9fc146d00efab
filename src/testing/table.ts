import { foldIdentity, identityRule, parseIdentity } from "../domain/identity.ts";
import { invalidField } from "../domain/errors.ts";
import { botId, fullRealmName, permissionName, poolName, taskId } from "../domain/names.ts";

/** What a table says to a question: OK, PERMISSION_DENIED, or INTERNAL as when a check cannot be made. */
export type TableAnswer = "permit" | "deny" | "internal";

/** One thing that is looked up in a table; "" where the question does not name such a thing. */
export interface TableQuestion {
  readonly caller: string;
  readonly permission: string;
  readonly pool: string;
  readonly bot: string;
  readonly task: string;
  readonly realm: string;
}

/** A row of a table. It fits the questions that have all that it gives; what it leaves out is any. */
export interface TableRule extends Partial<TableQuestion> {
  readonly answer: TableAnswer;
}

const fields = ["caller", "permission", "pool", "bot", "task", "realm"] as const;

const nameRules = {
  caller: { test: (text: string) => parseIdentity(text) !== undefined, rule: identityRule },
  permission: permissionName,
  pool: poolName,
  bot: botId,
  task: taskId,
  realm: fullRealmName,
};

/**
 * Makes the look-up of a table: the first rule that fits answers, else `otherwise`. Throws for a rule with
 * a name that no question can have, which would never fit.
 */
export function createTable(
  rules: readonly TableRule[],
  otherwise: TableAnswer,
): (question: TableQuestion) => TableAnswer {
  for (const [index, rule] of rules.entries()) {
    for (const field of fields) {
      const value = rule[field];
      const name = nameRules[field];
      if (value !== undefined && !name.test(value)) {
        throw invalidField(`rules[${index}].${field}`, name.rule);
      }
    }
  }
  return (question) =>
    rules.find((rule) => fields.every((field) => fits(field, rule[field], question[field])))
      ?.answer ?? otherwise;
}

function fits(field: keyof TableQuestion, wanted: string | undefined, text: string): boolean {
  if (wanted === undefined) return true;
  return field === "caller" ? foldText(wanted) === foldText(text) : wanted === text;
}

function foldText(text: string): string {
  const identity = parseIdentity(text);
  return identity === undefined ? text : foldIdentity(identity);
}
