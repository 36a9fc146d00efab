import type { BearerTokenKind } from "../bearer-token.ts";

/** The kinds of credentials of bots, tasks, runners and claims of jobs, as storage names them. */
export const credentialKinds = [
  "boot",
  "session",
  "resume",
  "task",
  "claim",
  "enroll",
  "runner",
] as const;

/** A kind of credential of a bot, a task, a runner or the claim of a job. */
export type CredentialKind = (typeof credentialKinds)[number];

/** The kinds of subjects: whom credentials stand for. */
export const subjectKinds = ["bot", "task", "runner"] as const;

/** A kind of subject; also the kind of its identity. */
export type SubjectKind = (typeof subjectKinds)[number];

/** The two letters of each kind in the text of its tokens. */
export const kindLetters: Readonly<Record<CredentialKind, BearerTokenKind>> = {
  boot: "bb",
  session: "bs",
  resume: "br",
  task: "tk",
  claim: "cl",
  enroll: "en",
  runner: "rn",
};

const byLetters: ReadonlyMap<string, CredentialKind> = new Map(
  credentialKinds.map((kind) => [kindLetters[kind], kind]),
);

/** The kind that two letters stand for; undefined: an API key, or nothing that we know. */
export function credentialKindOf(letters: string): CredentialKind | undefined {
  return byLetters.get(letters);
}
