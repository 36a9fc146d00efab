import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import * as fc from "fast-check";
import { sweep } from "../../../src/commands/credential/sweep.ts";
import { deleteManager } from "../../../src/commands/runner/delete-manager.ts";
import { DomainError } from "../../../src/domain/errors.ts";
import { recordUses } from "../../../src/storage/credential/uses.ts";
import { useDatabase } from "../../support/database.ts";
import { createRunnerWorld, fleet, type RunnerWorld } from "./world.ts";

const hour = 3_600;
const [ttl, week, places, uses] = [hour, 7 * 24 * hour, 2, 3];

/** A naive token of a machine. Times are seconds; `end`: of its life or its grace. */
interface Token {
  readonly of: string;
  /** The enrolment token by which it came; undefined: by a rotation. */
  readonly by: number | undefined;
  end: number;
  dead: boolean;
  used: boolean;
  rotated: { readonly at: number; readonly nonce: number; to: number } | undefined;
}

/** A naive runner: who works for it, and every token that it ever had. */
interface Model {
  now: number;
  readonly enrolments: { left: number; readonly end: number }[];
  readonly tokens: Token[];
  readonly managers: Map<
    string,
    { newest: number; readonly by: number; readonly nonce: number; readonly at: number }
  >;
}

// The clock of the database goes on beside that of the model: a run may be 9 seconds late.
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("enrol" as const),
      by: fc.nat(1),
      of: fc.constantFrom("a", "b", "c"),
      nonce: fc.nat(1),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("rotate" as const),
      /** Counted from the newest. */
      token: fc.nat(2),
      nonce: fc.nat(1),
      grace: fc.constantFrom(0, 40, 2 * hour),
      itself: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("use" as const), token: fc.nat(1) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("delete" as const), of: fc.constantFrom("a", "b") }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      seconds: fc.constantFrom(25, 25, 25, 100, 1.1 * hour, week),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sweep" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

const enrol = (by: number, of: "a" | "b" | "c", nonce: number): Step => ({
  do: "enrol",
  by,
  of,
  nonce,
});
const rotate = (token: number, nonce: number): Step => ({
  ...{ do: "rotate", token, nonce, grace: 40, itself: true },
});
const pass = (seconds: number): Step => ({ do: "pass", seconds });

/** A run that comes to everything that a step can come to. */
const everything: Step[] = [
  ...[enrol(0, "a", 0), enrol(0, "a", 0), enrol(0, "a", 1), enrol(0, "b", 0), enrol(1, "c", 0)],
  ...[rotate(0, 0), rotate(1, 0), rotate(2, 1), pass(100), rotate(2, 1), pass(1.1 * hour)],
  ...[enrol(1, "b", 0), rotate(0, 1), { do: "use" as const, token: 0 }, rotate(1, 1)],
  ...([enrol(0, "a", 0), enrol(0, "c", 0), { do: "delete", of: "a" }, pass(week)] as const),
  ...[{ do: "sweep" as const }, enrol(0, "a", 0)],
];

const refused = "CREDENTIAL_REQUIRED";

function isLive({ now }: Model, { dead, end }: Token): boolean {
  return !dead && now < end;
}

function add(model: Model, token: Pick<Token, "of" | "by">): number {
  const fresh = { end: model.now + ttl, dead: false, used: false, rotated: undefined };
  return model.tokens.push({ ...token, ...fresh }) - 1;
}

/** Takes an enrolment in the model; says what it must come to. */
function enrolled(model: Model, { by, of, nonce }: Step & { readonly do: "enrol" }): string {
  const { now, managers, tokens } = model;
  const enrolment = model.enrolments[by] ?? assert.fail();
  if (now >= enrolment.end) return refused;
  const manager = managers.get(of);
  const newest = tokens[manager?.newest ?? -1];
  const isRepeat = manager?.by === by && manager.nonce === nonce && now - manager.at < 60;
  if (isRepeat && newest?.by === by && !newest.dead && newest.rotated === undefined) {
    newest.dead = true;
    manager.newest = add(model, { of, by });
    return "repeated";
  }
  if (enrolment.left === 0) return refused;
  if (tokens.some((token) => token.of === of && isLive(model, token))) return "ALREADY_EXISTS";
  if (manager === undefined && managers.size === places) return "LIMIT_EXCEEDED";
  enrolment.left -= 1;
  managers.set(of, { newest: add(model, { of, by }), by, nonce, at: now });
  return manager === undefined ? "new" : "again";
}

/** The same of a rotation. */
function rotated(model: Model, index: number, step: Step & { readonly do: "rotate" }): string {
  const { nonce, grace, itself } = step;
  const { now, tokens, managers } = model;
  const token = tokens[index] ?? assert.fail();
  const manager = managers.get(token.of);
  // Who manages the runner hears that it cannot be rotated; its bearer no more than that it is refused.
  const over = itself ? refused : "ILLEGAL_TRANSITION";
  if (manager === undefined || token.dead) return over;
  if (token.rotated === undefined) {
    if (now >= token.end) return over;
    manager.newest = add(model, { of: token.of, by: undefined });
    token.rotated = { at: now, nonce, to: manager.newest };
    token.end = Math.min(token.end, now + grace);
    return "ok";
  }
  const { rotated: first } = token;
  const next = tokens[first.to] ?? assert.fail();
  const isLost = manager.newest === first.to && !next.dead && !next.used && !next.rotated;
  if (first.nonce === nonce && now - first.at < 60 && isLost) {
    next.dead = true;
    manager.newest = first.to = add(model, { of: token.of, by: undefined });
    return "repeated";
  }
  return now >= token.end ? over : "ILLEGAL_TRANSITION";
}

/** Takes a step that never fails. */
function done(model: Model, index: number, step: Step): void {
  if (step.do === "pass") model.now += step.seconds;
  else if (step.do === "use") {
    const token = model.tokens[index];
    if (token !== undefined) token.used = true;
  } else if (step.do === "delete") {
    for (const token of model.tokens) if (token.of === step.of) token.dead = true;
    model.managers.delete(step.of);
  } else if (step.do === "sweep") {
    for (const [of, { at }] of model.managers) {
      const isSilent = model.now - at >= week;
      const hasToken = model.tokens.some((token) => token.of === of && isLive(model, token));
      if (isSilent && !hasToken) model.managers.delete(of);
    }
  }
}

describe("machines of a runner", () => {
  const open = useDatabase();
  let world: RunnerWorld;
  before(async () => {
    world = createRunnerWorld(await open());
  });

  const nonceOf = (nonce: number) => `nonce-of-the-model-${nonce}`;
  const age = (uid: string, seconds: number) => {
    const earlier = (name: string) => `${name} = ${name} - interval '${seconds} seconds'`;
    const times = ["expires_at", "rotated_at", "revoked_at"].map(earlier).join(", ");
    return world.storage.exec(`update credential set ${times} where subject_uid = '${uid}';
      update manager set ${earlier("enrolled_at")} where runner_uid = '${uid}'`);
  };

  const liveOf = async (uid: string): Promise<readonly string[]> => {
    const rows = world.storage.db.selectFrom("credential").select("id");
    const ofMachines = rows.where("subject_uid", "=", uid).where("kind", "=", "runner");
    const live = ofMachines.where("revoked_at", "is", null).where("expires_at", ">", new Date());
    return (await live.execute()).map((row) => row.id).toSorted();
  };

  it("have exactly the tokens and the places that a naive model says (L38, L39, LH4, LH5, U41, U48, U74, U75)", async () => {
    const seen = new Set<string>();
    const run = async (steps: readonly Step[]) => {
      const { id, uid } = await world.create({ maxManagers: places });
      const ofToken = { maxUses: uses, ttl: 2 * hour * 1000 };
      const enrolments = [
        await world.enrollToken(id, ofToken),
        await world.enrollToken(id, ofToken),
      ];
      const tokens: { readonly token: string; readonly credentialId: string }[] = [];
      const model: Model = {
        ...{ now: 0, tokens: [], managers: new Map() },
        enrolments: enrolments.map(() => ({ left: uses, end: 2 * hour })),
      };
      const indexOf = (step: Step) => ("token" in step ? tokens.length - 1 - step.token : -1);
      const actual = async (step: Step): Promise<string> => {
        const { token = "", credentialId = "" } = tokens[indexOf(step)] ?? {};
        if (step.do === "pass") await age(uid, step.seconds);
        else if (step.do === "sweep") {
          await sweep(world.storage, { auditMs: 90 * 86_400_000, wait: true });
        } else if (step.do === "delete") {
          await deleteManager(world.deps, world.snapshot, fleet, { id, systemId: step.of });
        } else if (step.do === "use") {
          const at = Date.now();
          await recordUses(world.storage, [
            [credentialId, { firstAt: at, lastAt: at, firstBy: fleet }],
          ]);
        } else if (step.do === "enrol") {
          const input = { nonce: nonceOf(step.nonce), ttl: ttl * 1000 };
          const by = enrolments[step.by]?.token ?? "";
          const { issued, how } = await world.enrol(by, step.of, input);
          tokens.push(issued);
          return how;
        } else {
          const input = { nonce: nonceOf(step.nonce), grace: step.grace * 1000, ttl: ttl * 1000 };
          const { issued, isRepeated } = step.itself
            ? await world.rotate(token, input)
            : await world.rotateBy(fleet, { ...input, credentialId });
          tokens.push(issued);
          return isRepeated ? "repeated" : "ok";
        }
        return "ok";
      };
      for (const [at, step] of steps.entries()) {
        const told = `step ${at}: ${JSON.stringify(step)}`;
        const index = indexOf(step);
        if ("token" in step && index < 0) continue;
        // The rows of what ended a month ago are gone.
        if (step.do === "pass" && model.now + step.seconds > 4 * week) continue;
        let wanted = "ok";
        if (step.do === "enrol") wanted = enrolled(model, step);
        else if (step.do === "rotate") wanted = rotated(model, index, step);
        else done(model, index, step);
        const came = await actual(step).catch((error: unknown) => {
          if (error instanceof DomainError) return error.reason;
          throw error;
        });
        assert.equal(came, wanted, told);
        seen.add(`${step.do} ${wanted}`);
        assert.deepEqual(
          await liveOf(uid),
          tokens
            .filter((_, place) => isLive(model, model.tokens[place] ?? assert.fail()))
            .map(({ credentialId }) => credentialId)
            .toSorted(),
          told,
        );
        const managers = await world.managersOf(id);
        const newest = managers.map(({ systemId, credentialId }) => [systemId, credentialId]);
        const wantedNewest = [...model.managers].map(([of, { newest: place }]) => [
          of,
          tokens[place]?.credentialId,
        ]);
        assert.deepEqual(Object.fromEntries(newest), Object.fromEntries(wantedNewest), told);
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 24 }), run), {
      numRuns: 12,
      examples: [[everything]],
    });
    const must = {
      enrol: ["new", "again", "repeated", refused, "ALREADY_EXISTS", "LIMIT_EXCEEDED"],
      rotate: ["ok", "repeated", refused, "ILLEGAL_TRANSITION"],
    };
    for (const [what, all] of Object.entries(must)) {
      for (const one of all) assert.ok(seen.has(`${what} ${one}`), `${what} ${one}`);
    }
  });
});
