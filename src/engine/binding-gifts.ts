import { bindingsOf, type CompiledBinding } from "./compiled-binding.ts";
import type { CompiledRealm } from "./compiled-realm.ts";

/** A binding of a realm, and the permissions that it gives there, whether or not anybody declared them. */
export interface BindingGift {
  readonly binding: CompiledBinding;
  readonly permissions: readonly string[];
}

const known = new WeakMap<CompiledRealm, readonly BindingGift[]>();

/** What each binding of a realm gives. Remembered with the realm, which goes from policy to policy while nobody changes it. */
export function giftsIn(realm: CompiledRealm): readonly BindingGift[] {
  const before = known.get(realm);
  if (before !== undefined) return before;
  const permissionsOf = new Map<CompiledBinding, string[]>();
  for (const [permission, bindings] of bindingsOf(realm)) {
    for (const binding of bindings) {
      const permissions = permissionsOf.get(binding);
      if (permissions === undefined) permissionsOf.set(binding, [permission]);
      else permissions.push(permission);
    }
  }
  const gifts = Array.from(permissionsOf, ([binding, permissions]) => ({ binding, permissions }));
  known.set(realm, gifts);
  return gifts;
}
