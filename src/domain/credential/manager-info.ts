import { hasForbiddenCharacter } from "../text.ts";

/** What a manager says of itself; what is missing was not said. Nothing of it is proven. */
export interface ManagerInfo {
  readonly name?: string;
  readonly version?: string;
  readonly revision?: string;
  readonly platform?: string;
  readonly architecture?: string;
  readonly executor?: string;
  readonly labels?: readonly string[];
}

/** The texts of a manager's info. */
export const infoTexts = [
  "name",
  "version",
  "revision",
  "platform",
  "architecture",
  "executor",
] as const satisfies readonly (keyof ManagerInfo)[];

/** How much a manager may say of itself: characters of each text, and labels. */
export const maxInfo = { text: 128, labels: 64 } as const;

const systemId = /^[0-9A-Za-z_.-]{1,64}$/;

/** Whether a text may name a machine among those of a runner. */
export function isSystemId(text: string): boolean {
  return systemId.test(text);
}

/** Whether a text may be part of a manager's info. */
export function isInfoText(text: string): boolean {
  return text.length <= maxInfo.text && !hasForbiddenCharacter(text);
}
