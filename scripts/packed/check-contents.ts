import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const maxBytes = 5_000_000;
const tops = ["LICENSE", "README.md", "db", "dist", "examples", "package.json", "proto", "schemas"];

/** Tests what is in the package that is installed in `folder`: what it needs and nothing else. */
export function checkContents(folder: string): void {
  const home = join(folder, "node_modules", "fleetgate");
  const paths = readdirSync(home, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(home, path)).isFile(),
  );
  const bytes = paths.reduce((sum, path) => sum + statSync(join(home, path)).size, 0);
  assert.ok(bytes < maxBytes, `${bytes} bytes`);
  assert.deepEqual(
    readdirSync(home)
      .filter((name) => name !== "node_modules")
      .toSorted(),
    tops,
  );
  const unwanted = paths.filter((path) =>
    /\.test\.(ts|js|d\.ts)$|\.map$|\.tsbuildinfo$|^src\//.test(path),
  );
  assert.deepEqual(unwanted, [], "neither tests nor maps");
  const built = paths.filter((path) => path.startsWith("dist/"));
  for (const path of built) {
    const text = readFileSync(join(home, path), "utf8");
    assert.ok(!text.includes("sourceMappingURL"), `${path} names a map that is not there`);
  }
  const manifest = readFileSync(join(home, "package.json"), "utf8");
  for (const [, target = ""] of manifest.matchAll(/"(?:types|default)": "\.\/([^"]+)"/g)) {
    assert.ok(paths.includes(target), `package.json exports ${target}, which is not there`);
  }
}
