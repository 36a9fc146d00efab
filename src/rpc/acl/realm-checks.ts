import { fullRealmName } from "../../domain/names.ts";
import { actAsPermission, createInRealmPermission } from "../../domain/permissions.ts";
import { checkActAs, denyActAs } from "../../engine/checker/check-act-as.ts";
import {
  checkCreateInRealm,
  denyCreateInRealm,
} from "../../engine/checker/check-create-in-realm.ts";
import type {
  CheckActAsRequest,
  CheckCreateInRealmRequest,
} from "../../gen/fleetgate/acl/v1/acl_service_pb.ts";
import { assertionOf, questionAbout, requireName, type AclCheck } from "./check.ts";

/** CheckCreateInRealm. */
export const createInRealmCheck: AclCheck<CheckCreateInRealmRequest> = {
  caller: ({ caller }) => ({ field: "caller", identity: caller }),
  permission: () => createInRealmPermission,
  question: ({ realm }) => questionAbout(createInRealmPermission, { realms: [realm] }),
  validate: ({ realm }) => {
    requireName("realm", realm, fullRealmName);
  },
  assertion: assertionOf,
  denied: (caller, { realm }) => denyCreateInRealm(caller, realm),
  decide: (snapshot, caller, { realm }) => checkCreateInRealm(snapshot, caller, realm),
};

const accountPrefix = "user:";

/** CheckActAs. The account plays the part of the caller. */
export const actAsCheck: AclCheck<CheckActAsRequest> = {
  caller: ({ serviceAccount }) => ({
    field: "service_account",
    identity: accountPrefix + serviceAccount,
  }),
  permission: () => actAsPermission,
  question: ({ realm }) => questionAbout(actAsPermission, { realms: [realm] }),
  validate: ({ realm }) => {
    requireName("realm", realm, fullRealmName);
  },
  // An account is a user, who proves nothing by an assertion.
  assertion: () => "",
  denied: (account, { realm }) => denyActAs(account.slice(accountPrefix.length), realm),
  decide: (snapshot, account, { realm }) =>
    checkActAs(snapshot, account, account.slice(accountPrefix.length), realm),
};
