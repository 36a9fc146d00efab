import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "./cleanup.ts";
import { root } from "./processes.ts";

/** The last commit whose schema was the first migration alone: what is running while one upgrades. */
const commit = "3aedf88b697fa29883ad7a4a125b6dd215964eba";

/**
 * Unpacks the release before this one into a folder of its own and returns the path of its command line; undefined
 * where the history of the repository is not at hand, as in an archive of the source.
 */
export function unpackPreviousRelease(): string | undefined {
  if (!existsSync(join(root, ".git"))) return undefined;
  const folder = join(makeFolder(), "previous");
  mkdirSync(folder);
  const archive = join(folder, "release.tar");
  try {
    const parts = ["src", "db", "package.json"];
    writeFileSync(archive, git("archive", "--format=tar", commit, ...parts));
  } catch {
    return undefined;
  }
  execFileSync("tar", ["-xf", archive, "-C", folder]);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return join(folder, "src", "cli", "main.ts");
}

function git(...args: readonly string[]): Buffer {
  return execFileSync("git", ["-C", root, ...args], {
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
}
