import { readFileSync } from "node:fs";

/** The release, as package.json says. */
export function readRelease(): string {
  // src/server and dist/server are equally deep.
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
