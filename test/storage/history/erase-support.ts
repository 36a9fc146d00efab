import type { EntityChange } from "../../../src/domain/entity.ts";
import type { Storage } from "../../../src/storage/database.ts";
import type { EraseInput } from "../../../src/storage/history/erase-identity.ts";
import { writeChange } from "../../../src/storage/write-change.ts";

/** The person who is erased. */
export const person = "user:Zoe.Q@example.com";
/** Erases that person. */
export const input: EraseInput = {
  identity: person,
  author: "operator",
  reason: "request 17",
  dryRun: false,
};

/** All that the database holds, as one text. */
export async function everything(storage: Storage): Promise<string> {
  const tables = await storage.db.introspection.getTables();
  let all = "";
  for (const { name } of tables) {
    const [row] = await storage.session((run) =>
      run(`select coalesce(string_agg(t::text, ' '), '') as text from "${name}" as t`),
    );
    all += String(row?.["text"]);
  }
  return all;
}

/** A change of the principals of one binding in {@link realm}. */
export function binding(
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): EntityChange {
  const body = (
    principals: readonly string[] | undefined,
  ):
    | {
        project: string;
        realm: string;
        role: string;
        conditions: [];
        principals: readonly string[];
      }
    | undefined =>
    principals && { project: "p", realm: "r", role: "role/x.y", conditions: [], principals };
  return {
    kind: "binding",
    key: '["p:r","role/x.y",[]]',
    before: body(before),
    after: body(after),
  };
}

/** A realm for {@link binding}. */
export const realm: readonly EntityChange[] = [
  { kind: "project", key: "p", before: undefined, after: { name: "p" } },
  { kind: "realm", key: "p:r", before: undefined, after: { project: "p", name: "r", extends: [] } },
];

/** Writes changes for a source. */
export function apply(storage: Storage, changes: readonly EntityChange[]): Promise<unknown> {
  const meta = { author: "operator", reason: "", requestId: "", requestHash: "" };
  return writeChange(storage, meta, () => Promise.resolve({ source: "main", changes }));
}
