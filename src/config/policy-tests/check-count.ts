import type { PrincipalCount } from "../../gen/fleetgate/config/v1/test_suite_pb.ts";
import type { Located } from "../located-config.ts";
import { within } from "../place.ts";
import type { ProblemList } from "../problem-list.ts";
import { checkRequired } from "../rules/fields.ts";
import type { Claim, Counted } from "./policy-test.ts";

const counted: ReadonlySet<string> = new Set<Counted>(["identities", "globs", "groups"]);
const countedRule = {
  test: (text: string) => counted.has(text),
  rule: "must be identities, globs or groups",
};

/** Checks a count of principals and adds its problems; undefined when it cannot be run. */
export function checkCount(
  problems: ProblemList,
  { value, place }: Located<PrincipalCount>,
): Claim | undefined {
  const { exactly, atLeast, atMost } = value;
  const good = checkRequired(problems, place, "of", value.of, countedRule);
  const bounds = { exactly, at_least: atLeast, at_most: atMost };
  for (const [field, bound] of Object.entries(bounds)) {
    if (bound === undefined || bound >= 0) continue;
    problems.error(within(place, field), `${field} is negative`, "it must be 0 or more");
    return undefined;
  }
  if (exactly !== undefined && (atLeast !== undefined || atMost !== undefined)) {
    const message = "exactly excludes at_least and at_most";
    problems.error(within(place, "exactly"), message, "leave one of them out");
    return undefined;
  }
  const least = exactly ?? atLeast ?? 0;
  const most = exactly ?? atMost;
  if (exactly === undefined && atLeast === undefined && atMost === undefined) {
    const hint = "write exactly, at_least or at_most with a number";
    problems.error(within(place, "exactly"), "the count asserts nothing", hint);
    return undefined;
  }
  if (most !== undefined && least > most) {
    const message = `no number is at least ${least} and at most ${most}`;
    problems.error(within(place, "at_most"), message, "exchange the two");
    return undefined;
  }
  return good ? { kind: "count", of: value.of as Counted, least, most } : undefined;
}
