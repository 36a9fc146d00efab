import { create } from "@bufbuild/protobuf";
import type { Identity } from "../domain/identity.ts";
import { permitted } from "../engine/decision.ts";
import {
  CheckBotPermRequestSchema,
  CheckPoolPermRequestSchema,
  CheckTaskPermRequestSchema,
} from "../gen/fleetgate/acl/v1/acl_service_pb.ts";
import type { AclCheck } from "../rpc/acl/check.ts";
import { aclChecks, type AclChecks, type CheckKind } from "../rpc/acl/checks.ts";
import { createPackedCheck, type CreateTest } from "../rpc/acl/packed.ts";
import type { TableAnswer, TableQuestion } from "./table.ts";

/** A check that was asked. */
export interface AskedQuestion {
  readonly check: CheckKind;
  /** Whose permission was checked. */
  readonly caller: string;
  readonly permission: string;
  /** The pools of the question; of a task, its pool. */
  readonly pools: readonly string[];
  /** "" where the question names no such thing. */
  readonly bot: string;
  readonly task: string;
  readonly realm: string;
  /** What the table said; a filter that kept at least one pool is "permit". */
  readonly answer: TableAnswer;
}

/** What a question is about, but for the caller. */
interface Subject {
  readonly permission: string;
  readonly pools: readonly string[];
  readonly bot: string;
  readonly task: string;
  readonly realm: string;
}

interface Kind<Request> {
  readonly kind: CheckKind;
  readonly check: AclCheck<Request>;
  /** The task of a question, and its bot where the on-behalf rule does not count it. */
  readonly also?: (request: Request) => Partial<Subject>;
  /** The same question without what permits it in an empty configuration. */
  readonly bare?: (request: Request) => Request;
}

/**
 * The checks of the server with `look` in the place of their decision. A denial is the one that the real
 * check gives in a configuration that permits nothing, so the snapshot of the server must be such a one.
 */
export function createTableChecks(
  look: (question: TableQuestion) => TableAnswer,
  onAsked: (asked: AskedQuestion) => void,
): AclChecks {
  function subjectOf<Request>({ check, also }: Kind<Request>, request: Request): Subject {
    const { permission, pools, bots, realms } = check.question(request);
    const [bot = ""] = bots;
    const [realm = ""] = realms;
    return { permission, pools, bot, task: "", realm, ...also?.(request) };
  }

  function lookAt(caller: Identity, subject: Subject, pool: string): TableAnswer {
    const { permission, bot, task, realm } = subject;
    return look({ caller, permission, pool, bot, task, realm });
  }

  /** A check with the table in it. `combine` makes one answer of those about the single pools. */
  function tabled<Request>(
    kind: Kind<Request>,
    combine: (answers: readonly TableAnswer[]) => TableAnswer = ([first = "deny"]) => first,
  ): AclCheck<Request> {
    return {
      ...kind.check,
      decide: (snapshot, caller, request) => {
        // First, because it also refuses what only the check itself refuses.
        const denied = kind.check.decide(snapshot, caller, kind.bare?.(request) ?? request);
        const subject = subjectOf(kind, request);
        const pools = subject.pools.length === 0 ? [""] : subject.pools;
        const answers = pools.map((pool) => lookAt(caller, subject, pool));
        const answer = answers.includes("internal") ? "internal" : combine(answers);
        onAsked({ check: kind.kind, caller, ...subject, answer });
        if (answer === "internal") throw new Error("the table says that the check cannot be made");
        if ("pools" in denied) {
          const kept = subject.pools.filter((_, at) => answers[at] === "permit");
          return { permitted: true, pools: kept };
        }
        return answer === "permit" ? permitted : denied;
      },
    };
  }

  const every = (answers: readonly TableAnswer[]): TableAnswer =>
    answers.every((answer) => answer === "permit") ? "permit" : "deny";
  const some = (answers: readonly TableAnswer[]): TableAnswer =>
    answers.includes("permit") ? "permit" : "deny";

  const pool = tabled({ kind: "pool", check: aclChecks.pool });
  const bot = tabled({ kind: "bot", check: aclChecks.bot });
  const task = tabled({
    kind: "task",
    check: aclChecks.task,
    also: ({ task }) => ({ task: task?.taskId ?? "", bot: task?.botId ?? "" }),
    // A submitter may do everything with its task, whatever the configuration says.
    bare: (request) =>
      request.task === undefined
        ? request
        : { ...request, task: { ...request.task, submitter: "" } },
  });

  return {
    server: tabled({ kind: "server", check: aclChecks.server }),
    pool,
    allPools: tabled({ kind: "allPools", check: aclChecks.allPools }, every),
    anyPools: tabled({ kind: "anyPools", check: aclChecks.anyPools }, some),
    filterPools: tabled({ kind: "filterPools", check: aclChecks.filterPools }, some),
    task,
    bot,
    createInRealm: tabled({ kind: "createInRealm", check: aclChecks.createInRealm }),
    actAs: tabled({ kind: "actAs", check: aclChecks.actAs }),
    packed: createPackedCheck({
      pool: each(pool, (permission, name) =>
        create(CheckPoolPermRequestSchema, { permission, pool: name }),
      ),
      task: each(task, (permission, info) =>
        create(CheckTaskPermRequestSchema, { permission, task: info }),
      ),
      bot: each(bot, (permission, botId) =>
        create(CheckBotPermRequestSchema, { permission, botId }),
      ),
    }),
  };
}

/** The test of a packed batch that looks each resource up as its single call does. */
function each<Request, Resource>(
  check: AclCheck<Request>,
  toRequest: (permission: string, resource: Resource) => Request,
): CreateTest<Resource> {
  return (snapshot, caller, permission) => (resource) =>
    check.decide(snapshot, caller, toRequest(permission, resource)).permitted;
}
