import { answeringRealm } from "../inspect/answering-realm.ts";
import { factsOf } from "../inspect/facts.ts";
import type { Inspection } from "../inspect/inspection.ts";
import type { CompiledRealm } from "../realm-index.ts";
import type { EffectPlace } from "./effects.ts";
import type { Both } from "./sides.ts";

/** A place other than the server level, and what answers for it; undefined: everything is denied there. */
export interface ComparedPlace {
  readonly place: EffectPlace;
  readonly realms: Both<CompiledRealm | undefined>;
}

/**
 * The places of which effects are told: every realm that is defined before or after, and those pools of which the
 * realms do not tell: new ones, those that are gone or moved, and those in a realm that nobody defined.
 */
export function* comparePlaces(before: Inspection, after: Inspection): Generator<ComparedPlace> {
  const facts = [factsOf(before.configuration), factsOf(after.configuration)] as const;
  const inspections = [before, after] as const;

  // The engine is asked about realms that it has: it warns of others.
  const answering = (side: 0 | 1, name: string | undefined): CompiledRealm | undefined => {
    const found = name === undefined ? undefined : answeringRealm(facts[side].realms, name);
    return found && inspections[side].snapshot.realms.findRealm(found.name);
  };
  const compare = (from: string | undefined, to: string | undefined): ComparedPlace["realms"] => [
    answering(0, from),
    answering(1, to),
  ];

  for (const realm of new Set([...facts[0].realms.keys(), ...facts[1].realms.keys()])) {
    yield { place: { kind: "realm", realm }, realms: compare(realm, realm) };
  }
  const [old, now] = [realmsOfPools(before), realmsOfPools(after)];
  for (const pool of new Set([...old.keys(), ...now.keys()])) {
    const from = old.get(pool);
    const to = now.get(pool);
    const isTold =
      from === to && from !== undefined && (facts[0].realms.has(from) || facts[1].realms.has(from));
    if (!isTold) yield { place: { kind: "pool", pool }, realms: compare(from, to) };
  }
}

function realmsOfPools({ configuration }: Inspection): ReadonlyMap<string, string> {
  return new Map(configuration.pools.map(({ name, realm }) => [name, realm]));
}
