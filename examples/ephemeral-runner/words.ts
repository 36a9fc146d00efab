import { credential } from "fleetgate/client/node";

/** What a state of a claim is called: `pending`, `claimed`, ... */
export function claimWord(state: credential.ClaimState): string {
  return credential.ClaimStateSchema.value[state]?.localName.toLowerCase() ?? `${state}`;
}

/** What a state of a task is called: `running`, `canceling`, ... */
export function taskWord(state: credential.TaskState): string {
  return credential.TaskStateSchema.value[state]?.localName.toLowerCase() ?? `${state}`;
}
