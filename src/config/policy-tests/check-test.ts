import { identityRule, parseIdentity, userHint, type Identity } from "../../domain/identity.ts";
import { permissionName } from "../../domain/names.ts";
import { taskPermissionTwins } from "../../domain/permissions.ts";
import type { PolicyTest as TestMessage } from "../../gen/fleetgate/config/v1/test_suite_pb.ts";
import type { Located } from "../located-config.ts";
import { unknownPosition, within, type Place } from "../place.ts";
import { checkRequired, textOf } from "../rules/fields.ts";
import { show } from "../show.ts";
import { suggest } from "../suggest.ts";
import { checkCount } from "./check-count.ts";
import { checkPlaces } from "./check-places.ts";
import { oneOrMany } from "./one-or-many.ts";
import type { TestContext } from "./context.ts";
import { countCases, type Claim, type PolicyTest } from "./policy-test.ts";

/** The most cases of one test. */
export const maxTestCases = 100_000;

const testName = textOf(1, 200);
const identity = {
  item: "an identity",
  rule: { test: (text: string) => parseIdentity(text) !== undefined, rule: identityRule },
  hintOf: (text: string) => (/^[^:]+@[^:]+$/.test(text) ? userHint : `it ${identityRule}`),
};

/** Checks one test and adds its problems; undefined when it cannot be run. */
export function checkTest(
  context: TestContext,
  located: Located<TestMessage>,
): PolicyTest | undefined {
  const { value, place } = located;
  const { problems } = context;
  const named = checkRequired(problems, place, "name", value.name, testName);
  const permissions = checkPermissions(context, located);
  const places = checkPlaces(context, located);
  const claim = checkClaim(context, located);
  if (!named || permissions.length === 0 || places.length === 0 || claim === undefined) {
    return undefined;
  }
  const position = place.file?.locate(place.segments) ?? unknownPosition;
  const file = place.file?.path ?? "";
  const test = { name: value.name, file, ...position, permissions, places, claim };
  const cases = countCases(test);
  if (cases > maxTestCases) {
    const message = `the test comes to ${cases} cases, more than ${maxTestCases}`;
    problems.error(place, message, "cut it into several");
    return undefined;
  }
  return test;
}

function checkPermissions(
  { problems, known }: TestContext,
  { value, place }: Located<TestMessage>,
): readonly string[] {
  const checkDeclared = (name: string, at: Place): void => {
    if (value.task !== undefined && !taskPermissionTwins.has(name)) {
      const hint = `it must be ${[...taskPermissionTwins.keys()].map(show).join(" or ")}`;
      problems.error(at, `${show(name)} is no permission on a task`, hint);
    } else if (known !== undefined && !known.permissions.has(name)) {
      // It would be denied to everybody, so that a slip of the pen would pass for a denial.
      const hint = (): string => suggest(name, known.permissions) || "declare it under permissions";
      problems.error(at, `no permission is named ${show(name)}`, hint);
    }
  };
  const permissions = oneOrMany(problems, place, {
    one: ["permission", value.permission],
    many: ["permissions", value.permissions],
    list: { item: "a permission", rule: permissionName },
    each: checkDeclared,
  });
  if (value.permission === "" && value.permissions.length === 0) {
    const hint = "name one under permission, or several under permissions";
    problems.error(within(place, "permission"), "no permission is named", hint);
  }
  return permissions;
}

function checkClaim(
  { problems }: TestContext,
  { value, place }: Located<TestMessage>,
): Claim | undefined {
  const { expect, principals } = value;
  const identities = oneOrMany(problems, place, {
    one: ["identity", value.identity],
    many: ["identities", value.identities],
    list: identity,
  }) as readonly Identity[];

  if (principals !== undefined) {
    if (expect !== "") {
      const hint = "cut the test into two";
      problems.error(within(place, "expect"), "expect and principals exclude each other", hint);
    } else if (identities.length > 0) {
      const hint = "leave the identities out, or say what to expect of them";
      problems.error(within(place, "principals"), "a count of principals names nobody", hint);
    }
    return checkCount(problems, { value: principals, place: within(place, "principals") });
  }
  const at = within(place, "expect");
  if (expect === "") {
    const hint = 'write "expect: allowed" or "expect: denied", or count principals';
    problems.error(at, "the test asserts nothing", hint);
    return undefined;
  }
  if (expect !== "allowed" && expect !== "denied") {
    problems.error(at, `expect ${show(expect)} is malformed`, "it must be allowed or denied");
    return undefined;
  }
  if (identities.length === 0) {
    // Malformed ones have been reported each by itself.
    if (value.identity === "" && value.identities.length === 0) {
      const hint = "name one under identity, or several under identities";
      problems.error(within(place, "identity"), "no identity is named", hint);
    }
    return undefined;
  }
  return { kind: "decision", identities, expect };
}
