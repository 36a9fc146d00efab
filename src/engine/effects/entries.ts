import { compareBytewise, sortBytewise } from "../../domain/bytewise.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Gainers } from "./compare-shift.ts";
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
  add(kind: Effect["kind"], shift: Shift, gainers: Gainers, groups: readonly FoldedGroup[]): void;
  /** All of them in their order, permissions sorted. */
  sorted(): readonly Entry[];
}

/** Starts without any. */
export function createEntries(): Entries {
  const entries: Entry[] = [];
  const byPlace = {
    gained: new Map<EffectPlace, Map<string, Entry>>(),
    lost: new Map<EffectPlace, Map<string, Entry>>(),
  };

  return {
    add(kind, { places }, gainers, groups) {
      for (const [place, permissions] of places) {
        let ofPlace = byPlace[kind].get(place);
        if (ofPlace === undefined) {
          ofPlace = new Map();
          byPlace[kind].set(place, ofPlace);
        }
        for (const { principal, groupIdentities } of principalsOf(gainers, groups)) {
          const key = `${principal.kind} ${principal.name}`;
          let entry = ofPlace.get(key);
          if (entry === undefined) {
            if (entries.length === maxEffects) throw tooMany();
            entry = { kind, principal, groupIdentities, place, permissions: [] };
            entries.push(entry);
            ofPlace.set(key, entry);
          }
          entry.permissions.push(...permissions);
        }
      }
    },
    sorted: () =>
      entries
        .map((entry) => ({ ...entry, permissions: sortBytewise(entry.permissions) }))
        .sort(compareEntries),
  };
}

/** Who is named: groups, and everybody whom none of them stands for. */
function* principalsOf(
  { identities, globs }: Gainers,
  groups: readonly FoldedGroup[],
): Generator<Pick<Entry, "principal" | "groupIdentities">> {
  for (const { name, size } of groups) {
    yield { principal: { kind: "group", name }, groupIdentities: size };
  }
  for (const name of identities) {
    yield { principal: { kind: "identity", name }, groupIdentities: 0 };
  }
  for (const name of globs) yield { principal: { kind: "glob", name }, groupIdentities: 0 };
}

const ranks = { gained: 0, lost: 1, server: 0, realm: 1, pool: 2, identity: 0, group: 1, glob: 2 };

function compareEntries(left: Entry, right: Entry): number {
  return (
    ranks[left.kind] - ranks[right.kind] ||
    ranks[left.place.kind] - ranks[right.place.kind] ||
    compareBytewise(nameOfPlace(left.place), nameOfPlace(right.place)) ||
    ranks[left.principal.kind] - ranks[right.principal.kind] ||
    compareBytewise(left.principal.name, right.principal.name)
  );
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
