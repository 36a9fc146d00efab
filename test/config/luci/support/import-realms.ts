import { formatImport } from "../../../../src/config/luci/format-import.ts";
import { importLuci } from "../../../../src/config/luci/import-luci.ts";

/** Imports one realms.cfg, and nothing else. */
export function importRealms(input: {
  readonly project: string;
  readonly file: string;
  readonly text: string;
}) {
  const { project, file, text } = input;
  const imported = importLuci({ realms: [{ project, file: { path: file, text } }] });
  const [found] = imported.configuration.projects ?? [];
  if (found === undefined) throw new Error("no project was imported");
  return { ...imported, project: found, yaml: formatImport(imported) };
}
