import type { LuciBotGroup } from "./bots-cfg.ts";

const maxLength = 100;

/**
 * Names for bot groups, which LUCI does not name, in their order: `default`, or the first bot id or prefix with
 * what a name cannot hold taken away: `vm{1..9}-m1` gives `vm1..9-m1`. A name depends on its own group only, so
 * that a change elsewhere in the file renames nothing; where two come out alike, the later one gets a number.
 */
export function nameBotGroups(groups: readonly LuciBotGroup[]): readonly string[] {
  const taken = new Set<string>();
  return groups.map((group) => {
    const wanted = wantedName(group);
    let name = wanted;
    for (let number = 2; taken.has(name); number += 1) {
      const suffix = `/${number}`;
      name = wanted.slice(0, maxLength - suffix.length) + suffix;
    }
    taken.add(name);
    return name;
  });
}

function wantedName({ botIds, botIdPrefixes }: LuciBotGroup): string {
  const first = botIds[0] ?? botIdPrefixes[0];
  if (first === undefined) return "default";
  const name = first.text
    .replace(/[{}]/g, "")
    .replace(/,/g, "_")
    .replace(/[^a-zA-Z0-9_.\-/]/g, "-")
    .slice(0, maxLength);
  return name === "" ? "bots" : name;
}
