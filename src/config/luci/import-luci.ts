import { projectName } from "../../domain/names.ts";
import { invalidField } from "../../domain/errors.ts";
import type { ConfigProblem } from "../problem.ts";
import { validateConfiguration } from "../validate.ts";
import { readBotsCfg } from "./bots-cfg.ts";
import { checkBotsCfg } from "./check-bots-cfg.ts";
import { checkRealmsCfg } from "./check-realms-cfg.ts";
import { formatPart } from "./format-import.ts";
import { readGroupLists, type GroupFile } from "./group-lists.ts";
import { whenFilled, type ImportedConfig } from "./imported-config.ts";
import { createImportReport, type LuciImport } from "./import-report.ts";
import type { LuciContent } from "./luci-content.ts";
import { isLuciIdentity } from "./luci-identity.ts";
import { LuciImportError } from "./luci-problem.ts";
import { readPoolsCfg } from "./pools-cfg.ts";
import { readLuciFile, type LuciFile } from "./read-luci-file.ts";
import { readRealmsCfg } from "./realms-cfg.ts";
import { readSettingsCfg } from "./settings-cfg.ts";
import { toBotGroups, toGroups, toPools, toSettings } from "./to-fleet.ts";
import { toDeploymentRoles, toProject } from "./to-project.ts";

/** The files of LUCI to import, in any combination. */
export interface LuciFiles {
  /** A realms.cfg each; no project twice. */
  readonly realms?: readonly { readonly project: string; readonly file: LuciFile }[];
  readonly pools?: LuciFile | undefined;
  readonly bots?: LuciFile | undefined;
  readonly settings?: LuciFile | undefined;
  readonly groups?: readonly GroupFile[] | undefined;
  /** The domain of bare words in lists of groups. */
  readonly groupDomain?: string | undefined;
}

/**
 * Turns files of LUCI into our configuration. What LUCI implies becomes visible: the bindings that it adds to
 * `@root` and the defaults of its settings are written out, and roles whose content is not public are declared
 * as unresolved, once for all projects. The group `administrators` is left out: here it is the root group, which
 * is edited by hand. Throws a LuciImportError with every problem of every file, or a DomainError INVALID_FIELD
 * for a bad project name, a project given twice, or a bad domain.
 */
export function importLuci(files: LuciFiles): LuciImport {
  checkProjects(files);
  const realms = (files.realms ?? []).map(({ project, file }) => ({
    name: project,
    ...readLuciFile("realms.cfg", file, (fields, notes) => {
      const cfg = readRealmsCfg(fields, notes);
      notes.problems.push(...checkRealmsCfg(cfg));
      return cfg;
    }),
  }));
  const pools = files.pools && readLuciFile("pools.cfg", files.pools, readPoolsCfg);
  const bots =
    files.bots &&
    readLuciFile("bots.cfg", files.bots, (fields, notes) => {
      const cfg = readBotsCfg(fields, notes);
      checkBotsCfg(cfg.groups, notes);
      return cfg;
    });
  const settings = files.settings && readLuciFile("settings.cfg", files.settings, readSettingsCfg);
  const groups = files.groups && readGroupLists(files.groups, files.groupDomain);
  const problems = [...realms, pools, bots, settings, groups].flatMap(
    (part): readonly ConfigProblem[] => part?.problems ?? [],
  );
  if (problems.length > 0) throw new LuciImportError(problems);
  const content: LuciContent = {
    realms: realms.flatMap(({ name, content: cfg, ...rest }) =>
      cfg === undefined ? [] : [{ ...rest, content: cfg, project: toProject(name, cfg) }],
    ),
    pools,
    bots,
    settings,
    groups,
  };
  const result = build(content);
  checkResult(result);
  return result;
}

/** What is written can be applied: rules of ours that LUCI does not have are found here, and not by `config apply`. */
function checkResult({ configuration }: LuciImport): void {
  const files = [{ path: "imported configuration", text: formatPart(configuration) }];
  const { problems } = validateConfiguration({ source: "main", files, others: new Map() });
  const errors = problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new LuciImportError(errors);
}

function build(content: LuciContent): LuciImport {
  const projects = content.realms.map(({ project }) => project);
  const { groups, added } = toGroups(content.groups?.groups ?? []);
  const settings = content.settings?.content;
  const configuration: ImportedConfig = {
    ...(settings === undefined ? {} : { settings: toSettings(settings) }),
    ...toDeploymentRoles(projects),
    ...whenFilled("projects", projects),
    ...whenFilled("pools", toPools(content.pools?.content ?? [])),
    ...whenFilled("bot_groups", content.bots?.content ? toBotGroups(content.bots.content) : []),
    ...whenFilled("groups", groups),
  };
  return { configuration, report: createImportReport(content, configuration, added) };
}

function checkProjects({ realms = [], groupDomain }: LuciFiles): void {
  const seen = new Set<string>();
  for (const { project } of realms) {
    if (!projectName.test(project)) throw invalidField("project", projectName.rule);
    if (seen.has(project)) throw invalidField("project", `${project} must be given once`);
    seen.add(project);
  }
  if (groupDomain !== undefined && !isLuciIdentity(`user:a@${groupDomain}`)) {
    throw invalidField("group-domain", "must be the domain of e-mail addresses");
  }
}
