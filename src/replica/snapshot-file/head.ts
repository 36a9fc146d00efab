import { Buffer } from "node:buffer";
import type { RevisionPoint } from "../../storage/revision-point.ts";
import type { ReplicaState } from "../state.ts";
import { formatLine } from "./layout.ts";
import { SnapshotFileError } from "./snapshot-file-error.ts";

/** What the beginning of a snapshot file says about the state. */
export interface SnapshotHead extends RevisionPoint {
  /** The release that wrote the file: others may understand parts of a state otherwise. */
  readonly release: string;
  readonly acceptedRestores: ReadonlySet<string>;
}

/** How many bytes from the beginning hold the head, whatever else they hold. */
export const maxHeadBytes = 65_536;

/** The head of the file of a state. */
export function headOf(
  { databaseId, revision, chainHash, acceptedRestores }: ReplicaState,
  release: string,
): SnapshotHead {
  return { release, databaseId, revision, chainHash, acceptedRestores };
}

/** The two lines that a file begins with. */
export function formatHead(head: SnapshotHead): string {
  const line = JSON.stringify({
    release: head.release,
    database: head.databaseId,
    revision: head.revision.toString(),
    hash: Buffer.from(head.chainHash).toString("hex"),
    accepted_restores: [...head.acceptedRestores],
  });
  return `${formatLine}${line}\n`;
}

/** Reads the head from the beginning of a file. Throws SnapshotFileError. */
export function parseHead(beginning: string): SnapshotHead {
  if (!beginning.startsWith(formatLine)) {
    throw new SnapshotFileError("it is no snapshot file of a format that this release knows");
  }
  const end = beginning.indexOf("\n", formatLine.length);
  try {
    const head = JSON.parse(beginning.slice(formatLine.length, end)) as Readonly<
      Record<"release" | "database" | "revision" | "hash", string>
    > & { readonly accepted_restores: readonly string[] };
    const chainHash = new Uint8Array(Buffer.from(head.hash, "hex"));
    if (end < 0 || chainHash.length !== 32) throw new Error("the head is incomplete");
    return {
      release: head.release,
      databaseId: head.database,
      revision: BigInt(head.revision),
      chainHash,
      acceptedRestores: new Set(head.accepted_restores),
    };
  } catch (cause) {
    throw new SnapshotFileError("it is damaged at its beginning", { cause });
  }
}
