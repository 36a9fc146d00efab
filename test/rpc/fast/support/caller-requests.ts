import type { JsonObject } from "@bufbuild/protobuf";
import {
  createFakeCredentials,
  makeBot,
  makeCredential,
  makeTask,
  type FakeCredentials,
} from "../../support/fake-credentials.ts";
import { permission } from "./make-case.ts";

const subject = makeTask("t1", {
  ...{
    pool: "ci",
    botId: "ci-1",
    delegatedUser: "user:ann@example.com",
    defaultRef: "refs/heads/ü",
  },
  epoch: 2n ** 40n,
});

/** Credentials that are shown. */
export const shown = {
  task: makeCredential("task", "t1", { subject, permissions: [permission] }),
  bot: makeCredential("session", "ci-1", {
    subject: makeBot("ci-1", { runnerState: "active", version: 2n ** 62n }),
  }),
};

/** Credentials that those who are shown them find good. */
export function shownCredentials(): FakeCredentials {
  const fake = createFakeCredentials();
  for (const one of Object.values(shown)) fake.admit(one);
  return fake;
}

const good: JsonObject = { token: shown.task.token, audience: "cache" };

/** Questions about tokens, good ones and others. */
export const questions: readonly JsonObject[] = [
  good,
  { ...good, token: shown.bot.token },
  { ...good, token: "unknown" },
  { ...good, token: "" },
  { ...good, audience: "" },
  { ...good, wantPermission: permission, targetSubject: "task:t1" },
  { ...good, wantPermission: "x" },
  { ...good, targetSubject: "user:ann@example.com" },
  { ...good, freshness: "FRESHNESS_BOUNDED" },
  { ...good, freshness: "FRESHNESS_STRICT" },
  { ...good, freshness: 9 },
  { ...good, freshness: 70_000_000 },
  {},
];

/** The same as requests of the methods of CallerService. */
export const callerRequests: Readonly<Record<string, readonly JsonObject[]>> = {
  IdentifyCaller: questions,
  BatchIdentifyCallers: [
    { requests: [good] },
    { requests: [...questions] },
    { requests: questions.filter(({ freshness }) => freshness !== "FRESHNESS_STRICT") },
    { requests: [] },
    { requests: Array.from({ length: 100 }, () => good) },
    { requests: Array.from({ length: 101 }, () => good) },
  ],
};
