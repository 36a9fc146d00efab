import { unmanaged } from "../../domain/names.ts";
import type { Configuration } from "../../domain/model.ts";
import type { Located } from "../located-config.ts";
import { within } from "../place.ts";
import { show } from "../show.ts";
import { describeSource, type RuleContext } from "./context.ts";

interface Named {
  readonly name: string;
}

/** A kind of entities that exactly one source manages. */
interface Claimed {
  readonly kind: string;
  readonly here: readonly Located<Named>[];
  readonly there: (configuration: Configuration) => readonly Named[];
}

/** Every entity stands in the files once, and no other source manages it. */
export function checkClaims(context: RuleContext): void {
  const { config, others, problems } = context;
  const kinds: readonly Claimed[] = [
    { kind: "permission", here: config.permissions, there: (other) => other.permissions },
    { kind: "role", here: config.roles, there: (other) => other.roles },
    { kind: "project", here: config.projects, there: (other) => other.projects },
    { kind: "pool", here: config.pools, there: (other) => other.pools },
    { kind: "bot group", here: config.botGroups, there: (other) => other.botGroups },
    { kind: "group", here: config.groups, there: (other) => other.groups },
  ];
  for (const claimed of kinds) checkKind(context, claimed);
  if (config.settings === undefined) return;
  for (const [source, other] of others) {
    if (other.settings === undefined) continue;
    const message = `the settings are managed by ${describeSource(source)}`;
    problems.error(
      config.settings.place,
      message,
      "leave them out here, or remove them there first",
    );
  }
}

function checkKind({ others, problems }: RuleContext, { kind, here, there }: Claimed): void {
  checkDistinct({ problems }, kind, here);
  const owner = new Map<string, string>();
  for (const [source, other] of others) {
    for (const { name } of there(other)) owner.set(name, source);
  }
  for (const { value, place } of here) {
    const source = owner.get(value.name);
    if (source === undefined) continue;
    const at = within(place, "name");
    if (source === unmanaged) {
      const hint =
        "leave it out here: bindings and groups may name it all the same; or give this group another name";
      problems.error(at, `the ${kind} ${show(value.name)} is edited by hand`, hint);
    } else {
      const message = `the ${kind} ${show(value.name)} is managed by ${describeSource(source)}`;
      problems.error(at, message, "leave it out here, or remove it there first");
    }
  }
}

/** No two entities of one kind have the same name. */
export function checkDistinct(
  { problems }: Pick<RuleContext, "problems">,
  kind: string,
  located: readonly Located<Named>[],
): void {
  const first = new Map<string, Located<Named>>();
  for (const entity of located) {
    const { name } = entity.value;
    if (name === "") continue;
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, entity);
      continue;
    }
    const hint = (): string => {
      const { file, segments } = earlier.place;
      const line = file?.locate([...segments, "name"]).line ?? 0;
      return `the first one is in ${show(file?.path ?? "")}${line > 0 ? `, line ${line}` : ""}`;
    };
    problems.error(
      within(entity.place, "name"),
      `the ${kind} ${show(name)} is declared twice`,
      hint,
    );
  }
}
