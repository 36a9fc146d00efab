import { computeEffects } from "../../../src/engine/effects/compute-effects.ts";
import type { Effect, Effects } from "../../../src/engine/effects/effects.ts";
import { inspectChange } from "../../conformance/support/effects-world.ts";
import type { World, WorldBinding, WorldGroup } from "../../spec/world.ts";

/** Effects in a line each: `+ group team (2) p:ci: createTask`. Permissions without their service and subject. */
export function effectsInShort(before: World, after: World): readonly string[] {
  return inShort(computeEffects({ ...inspectChange(before, after), summaryOnly: false }));
}

/** The same of effects that were computed. */
export function inShort({ effects }: Effects): readonly string[] {
  return effects.map((effect) => {
    const { kind, principal, groupIdentities, permissions } = effect;
    const size = principal.kind === "group" ? ` (${groupIdentities})` : "";
    const verbs = permissions.map((permission) => permission.split(".")[2]);
    const sign = kind === "gained" ? "+" : "-";
    return `${sign} ${principal.kind} ${principal.name}${size} ${placeOf(effect)}: ${verbs.join(" ")}`;
  });
}

function placeOf({ place }: Effect): string {
  switch (place.kind) {
    case "server":
      return "server";
    case "realm":
      return place.realm;
    default:
      return `pool ${place.pool}`;
  }
}

/** A world with a project `p`, in whose realm `ci` principals may create tasks, and with these groups. */
export function world(groups: readonly WorldGroup[], principals: readonly string[]): World {
  return inRealms(groups, { ci: [users(...principals)] });
}

/** A world with a project `p` that has these realms. */
export function inRealms(
  groups: readonly WorldGroup[],
  realms: Readonly<Record<string, readonly WorldBinding[]>>,
): World {
  const list = Object.entries(realms).map(([name, bindings]) => ({ name, bindings }));
  return { projects: [{ name: "p", realms: list }], groups };
}

/** A binding of the role of pool users, who may create tasks. */
export function users(...principals: readonly string[]): WorldBinding {
  return { role: "role/swarming.poolUser", principals };
}

export const ann = "user:ann@x.com";
export const bob = "user:bob@x.com";
export const eve = "user:eve@x.com";
