import {
  ChangeItem_Op,
  type ChangeItem,
  type FieldDiff,
} from "../../gen/fleetgate/admin/v1/change_item_pb.ts";
import { plain } from "../print.ts";

const signs: Readonly<Record<number, string | undefined>> = {
  [ChangeItem_Op.CREATE]: "+",
  [ChangeItem_Op.UPDATE]: "~",
  [ChangeItem_Op.DELETE]: "-",
};

/** The lines for what a change did to one entity: which one, and each field that differs. */
export function formatItem(item: ChangeItem): readonly string[] {
  const { kind, key, op, fields, erased } = item;
  const sign = signs[op] ?? "?";
  return [
    `${sign} ${plain(kind)} ${plain(key)}${erased ? "  (a person was erased from it)" : ""}`,
    ...fields.filter((field) => !isInKey(field, item)).flatMap(formatField),
  ];
}

/** The fields that a key is made of, by kind. */
const keyFields: Readonly<Record<string, readonly string[]>> = {
  pool: ["name"],
  bot_group: ["name"],
  project: ["name"],
  realm: ["project", "name"],
  binding: ["project", "realm", "role"],
  custom_role: ["project", "name"],
  role: ["name"],
  permission: ["name"],
  group: ["name"],
  group_member: ["group", "member"],
  group_glob: ["group", "glob"],
  group_nested: ["group", "nested"],
  group_take_over: ["group"],
};

/** Whether the key says it already. That of a member is folded: another spelling is told. */
function isInKey({ field, before, after }: FieldDiff, { kind, key }: ChangeItem): boolean {
  if (before !== "" && after !== "") return false;
  if (keyFields[kind]?.includes(field) !== true) return false;
  return (
    kind !== "group_member" ||
    key.split(" ").some((part) => JSON.stringify(part) === before + after)
  );
}

function formatField({ field, before, after, added, removed }: FieldDiff): readonly string[] {
  const name = plain(field);
  return [
    ...(before === "" ? [] : [`    - ${name}: ${plain(before)}`]),
    ...(after === "" ? [] : [`    + ${name}: ${plain(after)}`]),
    ...removed.map((entry) => `    - ${name}: ${plain(entry)}`),
    ...added.map((entry) => `    + ${name}: ${plain(entry)}`),
  ];
}
