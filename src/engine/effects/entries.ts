import { compareBytewise, sortBytewise } from "../../domain/bytewise.ts";
import { forEachInSteps, type Steps } from "../../domain/steps.ts";
import { DomainError } from "../../domain/errors.ts";
import { identitiesOf, type Gainers } from "./compare-shift.ts";
import { maxEffects, type Effect, type EffectPlace } from "./effects.ts";
import type { FoldedGroup } from "./fold.ts";
import type { Shift } from "./shifts.ts";

/** An effect before its permissions are all known. */
interface Entry {
  readonly kind: Effect["kind"];
  readonly principal: Effect["principal"];
  readonly groupIdentities: number;
  readonly place: EffectPlace;
  readonly permissions: string[];
}

/** The entries of effects, collected shift by shift. */
export interface Entries {
  /** Adds those of one shift. Throws LIMIT_EXCEEDED when there come to be more than maxEffects. */
  add(
    kind: Effect["kind"],
    shift: Shift,
    gainers: Gainers,
    groups: readonly FoldedGroup[],
  ): Steps<void>;
  /** All of them in their order, permissions sorted. */
  sorted(): Steps<readonly Entry[]>;
}

/** Starts without any. */
export function createEntries(): Entries {
  let count = 0;
  const byPlace = {
    gained: new Map<EffectPlace, Map<string, Entry>>(),
    lost: new Map<EffectPlace, Map<string, Entry>>(),
  };

  return {
    *add(kind, { places }, gainers, groups) {
      for (const [place, permissions] of places) {
        let ofPlace = byPlace[kind].get(place);
        if (ofPlace === undefined) {
          ofPlace = new Map();
          byPlace[kind].set(place, ofPlace);
        }
        const known = ofPlace;
        yield* forEachInSteps(principalsOf(gainers, groups), ({ principal, groupIdentities }) => {
          const key = `${principal.kind} ${principal.name}`;
          let entry = known.get(key);
          if (entry === undefined) {
            if (count === maxEffects) throw tooMany();
            count += 1;
            entry = { kind, principal, groupIdentities, place, permissions: [] };
            known.set(key, entry);
          }
          entry.permissions.push(...permissions);
        });
        yield;
      }
    },
    *sorted() {
      const sorted: Entry[] = [];
      for (const ofKind of [byPlace.gained, byPlace.lost]) {
        const places = [...ofKind].sort(([left], [right]) => comparePlaces(left, right));
        for (const [, ofPlace] of places) {
          yield;
          const entries = [...ofPlace.values()].sort(comparePrincipals);
          yield* forEachInSteps(entries, (entry) => {
            sorted.push({ ...entry, permissions: sortBytewise(entry.permissions) });
          });
        }
      }
      return sorted;
    },
  };
}

/** Who is named: groups, and everybody whom none of them stands for. */
function* principalsOf(
  { cohorts, identities, globs }: Gainers,
  groups: readonly FoldedGroup[],
): Generator<Pick<Entry, "principal" | "groupIdentities">> {
  for (const { name, size } of groups) {
    yield { principal: { kind: "group", name }, groupIdentities: size };
  }
  for (const name of identitiesOf(cohorts)) {
    yield { principal: { kind: "identity", name }, groupIdentities: 0 };
  }
  for (const name of identities) {
    yield { principal: { kind: "identity", name }, groupIdentities: 0 };
  }
  for (const name of globs) yield { principal: { kind: "glob", name }, groupIdentities: 0 };
}

const ranks = { server: 0, realm: 1, pool: 2, identity: 0, group: 1, glob: 2 };

function comparePlaces(left: EffectPlace, right: EffectPlace): number {
  return (
    ranks[left.kind] - ranks[right.kind] || compareBytewise(nameOfPlace(left), nameOfPlace(right))
  );
}

function comparePrincipals({ principal: left }: Entry, { principal: right }: Entry): number {
  return ranks[left.kind] - ranks[right.kind] || compareBytewise(left.name, right.name);
}

function nameOfPlace(place: EffectPlace): string {
  switch (place.kind) {
    case "realm":
      return place.realm;
    case "pool":
      return place.pool;
    default:
      return "";
  }
}

function tooMany(): DomainError {
  return new DomainError(
    "LIMIT_EXCEEDED",
    `the change has more than ${maxEffects} effects; ask for a summary only`,
    { limit: "effects" },
  );
}
