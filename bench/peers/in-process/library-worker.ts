import { serveParent } from "../../children.ts";
import type { WorldSpec } from "../messages.ts";
import { buildWorld, type BuiltWorld } from "../world/build-world.ts";
import { loadLibraries, type Library, type LibraryName } from "./libraries.ts";
import { cutSmallWorld, type SmallQuestion } from "./small-world.ts";

// casbin and cedar-wasm in the process, and our engine on the same worlds.

/** What the process is asked. */
export type LibraryRequest =
  | ({ readonly kind: "build" } & WorldSpec)
  /** Cuts a world of so many realms, and asks each library all questions about it. */
  | { readonly kind: "open"; readonly realms: number }
  | { readonly kind: "measure"; readonly realms: number; readonly seconds: number };

/** What a world of some realms is. */
export interface SmallWorldNotes {
  readonly realms: number;
  readonly grants: number;
  readonly permitted: number;
}

/** Nanoseconds a check. */
export type LibraryRound = Readonly<Record<LibraryName, number>>;

interface Opened {
  readonly libraries: readonly Library[];
  readonly questions: readonly SmallQuestion[];
}

let world: BuiltWorld | undefined;
const opened = new Map<number, Opened>();

serveParent((message) => {
  const request = message as LibraryRequest;
  switch (request.kind) {
    case "build":
      world = buildWorld(request);
      return undefined;
    case "open":
      return open(request.realms);
    default:
      return measure(request.realms, request.seconds);
  }
});

async function open(realms: number): Promise<SmallWorldNotes> {
  if (world === undefined) throw new Error("there is no world");
  const small = cutSmallWorld(world, realms);
  const libraries = await loadLibraries(small);
  for (const { name, check } of libraries) {
    for (const question of small.questions) {
      if (check(question) === question.permitted) continue;
      throw new Error(`${name} answers otherwise than expected: ${JSON.stringify(question)}`);
    }
  }
  opened.set(realms, { libraries, questions: small.questions });
  const permitted = small.questions.filter((question) => question.permitted).length;
  return { realms: small.realms, grants: small.grants.length, permitted };
}

function measure(realms: number, seconds: number): LibraryRound {
  const { libraries, questions } = opened.get(realms) ?? { libraries: [], questions: [] };
  const times = libraries.map(({ name, check }) => {
    const begin = cpuMicros();
    let made = 0;
    let elapsed = 0;
    while (elapsed < (seconds * 1e6) / libraries.length) {
      // The clock is looked at every 20 ms or so: a slow library is asked once in between, a fast one often.
      const turns = made === 0 ? 1 : Math.min(4 * made, Math.ceil((20_000 * made) / elapsed));
      for (let turn = 0; turn < turns; turn += 1) {
        const question = questions[made % questions.length];
        if (question === undefined || check(question) !== question.permitted) {
          throw new Error(`${name} answers otherwise than before`);
        }
        made += 1;
      }
      elapsed = Math.max(1, cpuMicros() - begin);
    }
    return [name, (elapsed * 1e3) / made] as const;
  });
  return Object.fromEntries(times) as LibraryRound;
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
