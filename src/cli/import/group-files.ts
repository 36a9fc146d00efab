import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { maxGroupFiles, maxGroupText } from "../../config/luci/group-limits.ts";
import type { GroupFile } from "../../config/luci/group-lists.ts";
import { usageError } from "../cli-error.ts";
import { describeFileError, readInputFile } from "../read-input-file.ts";

/** The files of a directory of groups, and what was passed over. */
export interface GroupFiles {
  /** In the order of their paths. */
  readonly files: readonly GroupFile[];
  /** The entries whose names begin with a dot. */
  readonly hidden: readonly string[];
}

/**
 * Reads a directory of groups. What begins with a dot is passed over, with all that is below; the directories of
 * external groups are one level deep. A usage error when something cannot be read or is too much.
 */
export function readGroupFiles(directory: string): GroupFiles {
  const files: GroupFile[] = [];
  const hidden: string[] = [];
  let length = 0;
  // A name has at most one slash, and so no link can lead into a circle.
  const walk = (relative: string, depth: number): void => {
    const path = join(directory, relative);
    for (const name of list(path)) {
      const child = relative === "" ? name : `${relative}/${name}`;
      const childPath = join(directory, child);
      if (name.startsWith(".")) {
        hidden.push(childPath);
      } else if (isDirectory(childPath)) {
        if (depth === 0) walk(child, 1);
        else {
          const hint = "an external group is one directory deep: prefix/name";
          throw usageError(`${childPath} lies too deep for a list of a group`, hint);
        }
      } else {
        if (files.length >= maxGroupFiles) {
          throw usageError(`${directory} holds more than ${maxGroupFiles} files`);
        }
        const text = readInputFile(childPath);
        length += text.length;
        if (length > maxGroupText) {
          throw usageError(`${directory} holds more than ${maxGroupText} characters`);
        }
        files.push({ path: childPath, relative: child, text });
      }
    }
  };
  walk("", 0);
  return { files, hidden };
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path).toSorted();
  } catch (error) {
    throw usageError(`cannot read ${path}: ${describeFileError(error)}`);
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw usageError(`cannot read ${path}: ${describeFileError(error)}`);
  }
}
