import { Counter } from "prom-client";
import { isDenied, toCallerError, type Fleetgate } from "fleetgate/client/node";

/** May the caller do this in this pool? */
export interface Question {
  readonly caller: string;
  readonly permission: string;
  readonly pool: string;
}

const comparisons = new Counter({
  name: "fleetgate_shadow_comparisons_total",
  help: "Answers of the old check that were compared with those of Fleetgate.",
  labelNames: ["outcome"], // agree, old_only, fleetgate_only, unavailable, skipped
});

/** Checks pools by the old check, or by Fleetgate where that is switched on; compares off the request path. */
export function createPoolCheck(options: {
  readonly fleetgate: Fleetgate;
  readonly oldCheck: (question: Question) => Promise<boolean>;
  /** Whether Fleetgate decides about this pool already. */
  readonly isSwitched: (pool: string) => boolean;
  /** Is told each disagreement, in the form that compare.ts takes. */
  readonly log: (line: string) => void;
}): (question: Question) => Promise<boolean> {
  const { fleetgate, oldCheck, isSwitched, log } = options;
  let underWay = 0;

  async function ask(question: Question): Promise<boolean> {
    try {
      // An empty caller would be this service itself.
      if (question.caller === "") throw new Error("the question names no caller");
      await fleetgate.acl.checkPoolPerm(question);
      return true;
    } catch (error) {
      if (isDenied(error)) return false;
      throw toCallerError(error);
    }
  }

  async function compare(question: Question, permitted: boolean): Promise<void> {
    // A slow or absent Fleetgate must not fill the memory of this service.
    if (underWay >= 100) return comparisons.inc({ outcome: "skipped" });
    underWay += 1;
    try {
      const answer = await ask(question);
      if (answer === permitted) return comparisons.inc({ outcome: "agree" });
      comparisons.inc({ outcome: permitted ? "old_only" : "fleetgate_only" });
      log(JSON.stringify({ check: { pool: question }, permitted }));
    } catch {
      comparisons.inc({ outcome: "unavailable" });
    } finally {
      underWay -= 1;
    }
  }

  return async (question) => {
    if (isSwitched(question.pool)) return ask(question);
    const permitted = await oldCheck(question);
    void compare(question, permitted);
    return permitted;
  };
}
