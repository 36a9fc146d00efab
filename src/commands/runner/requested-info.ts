import {
  infoTexts,
  isInfoText,
  maxInfo,
  type ManagerInfo,
} from "../../domain/credential/manager-info.ts";
import { invalidField } from "../../domain/errors.ts";

/** What a request says of a manager; an empty part is not said. */
export type SaidInfo = Readonly<Record<(typeof infoTexts)[number], string>> & {
  readonly labels: readonly string[];
};

/** What a manager says of itself, without what it does not say. Fails with INVALID_FIELD. */
export function requestedInfo(said: SaidInfo | undefined): ManagerInfo | undefined {
  if (said === undefined) return undefined;
  const texts = infoTexts.filter((name) => said[name] !== "");
  const bad = texts.find((name) => !isInfoText(said[name]));
  const rule = `at most ${maxInfo.text} characters without control characters`;
  if (bad !== undefined) throw invalidField(`info.${bad}`, `must be ${rule}`);
  const { labels } = said;
  if (labels.length > maxInfo.labels) {
    throw invalidField("info.labels", `must be at most ${maxInfo.labels}`);
  }
  if (!labels.every(isInfoText)) throw invalidField("info.labels", `each must be ${rule}`);
  return {
    ...Object.fromEntries(texts.map((name) => [name, said[name]])),
    ...(labels.length === 0 ? {} : { labels }),
  };
}
