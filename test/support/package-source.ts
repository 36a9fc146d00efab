import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly "fleetgate-source"?: string }>>;
}

/**
 * From now on `fleetgate/...` is the source of the package instead of what was built of it, as with
 * `node --conditions=fleetgate-source`; Node 22 hears of no conditions from hooks. Who imports a file that needs it does so dynamically, afterwards.
 */
export function importPackageFromSource(): void {
  const manifestUrl = new URL("../../package.json", import.meta.url);
  const manifest = JSON.parse(readFileSync(manifestUrl, "utf8")) as Manifest;
  registerHooks({
    resolve: (specifier, context, next) => {
      const face = specifier.replace(/^fleetgate\//, "./");
      const source = manifest.exports[face]?.["fleetgate-source"];
      return next(source === undefined ? specifier : new URL(source, manifestUrl).href, context);
    },
  });
}
