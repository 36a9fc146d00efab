import { registerHooks } from "node:module";

/**
 * From now on `fleetgate/...` is the source of the package instead of what was built of it, as with
 * `node --conditions=fleetgate-source`. Who imports a file that needs it does so dynamically, afterwards.
 */
export function importPackageFromSource(): void {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith("fleetgate/")
        ? next(specifier, { ...context, conditions: [...context.conditions, "fleetgate-source"] })
        : next(specifier, context),
  });
}
