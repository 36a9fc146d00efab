// Few names of each kind, so that random worlds and random questions meet often. Names that differ in
// upper and lower case, hold separators, or start one another stand side by side on purpose.

export const identities = [
  "user:ann@x.com",
  "user:Ann@x.com",
  "user:ANN@X.COM",
  "user:bob@x.com",
  "user:bob@y.org",
  "bot:ann@x.com",
  "bot:Ann@x.com",
  "service:s:1",
  "project:p",
  "anonymous:anonymous",
  "runner:r1",
  "task:t1",
] as const;

export const malformedIdentities = [
  "ann",
  "user:",
  "group:g0",
  "User:ann@x.com",
  "bot:a b",
] as const;

export const globs = [
  "user:*",
  "user:*@x.com",
  "user:ann*",
  "user:A*m",
  "user:*n*n@*.com",
  "user:bob@y.org",
  "user:b**@*.*",
  "user:*x.co",
  "bot:*",
  "bot:ann*",
  "service:s:*",
  "service:*:2",
  "anonymous:*",
  "project:p*",
  "runner:*1",
  "task:*",
] as const;

/** Groups that hold groups and globs. */
export const innerGroups = ["administrators", "all", "g0", "g1", "g2", "g-3"] as const;
/** Groups that hold identities only. */
export const externalGroups = ["ldap/g0", "x-y/e.f@z"] as const;
export const groups = [...innerGroups, ...externalGroups] as const;
export const unknownGroup = "ghosts";

export const declarablePermissions = ["svc.res.get", "svc.res.put"] as const;
export const serverPermissions = [
  "swarming.pools.cancelTask",
  "swarming.pools.createBot",
  "swarming.pools.deleteBot",
  "swarming.pools.terminateBot",
  "swarming.pools.createHighPriorityTask",
  "swarming.servers.peek",
] as const;
export const boundPermissions = [
  "swarming.pools.listBots",
  "swarming.pools.listTasks",
  "swarming.pools.createTask",
  "swarming.tasks.get",
  "swarming.tasks.cancel",
  "swarming.tasks.actAs",
  "swarming.tasks.createInRealm",
] as const;
export const builtInPermissions = [...boundPermissions, ...serverPermissions] as const;
export const permissions = [...builtInPermissions, ...declarablePermissions] as const;
export const undeclaredPermission = "svc.res.never";
export const malformedPermissions = ["swarming.tasks", "a..b", "swarming.tasks.get."] as const;

export const builtInRoles = [
  "role/swarming.taskServiceAccount",
  "role/swarming.taskViewer",
  "role/swarming.taskTriggerer",
  "role/swarming.poolViewer",
  "role/swarming.poolUser",
  "role/swarming.poolOwner",
] as const;
export const roles = ["role/a", "role/b", "role/c"] as const;
export const customRoles = ["customRole/a", "customRole/b", "customRole/c"] as const;

export const projects = ["p", "q", "@internal"] as const;
export const realms = ["@root", "ci", "try", "a/b", "@legacy", "@project"] as const;
export const fullRealms = [
  ...projects.flatMap((project) => realms.map((realm) => `${project}:${realm}`)),
  "p:nowhere",
  "q:ci/",
  "z:ci",
  "z:@root",
] as const;
/** What pools and questions mostly name, so that they meet the realms that worlds mostly define. */
export const likelyRealms = ["p:ci", "p:try", "p:@root", "p:a/b", "q:ci"] as const;
export const malformedRealms = ["p", "p:", "p:@x", "P:ci", "p:ci:x"] as const;

export const pools = ["one", "two", "Two", "t w,o", "x{1}", "unassigned"] as const;
export const unknownPool = "ghost";
export const malformedPools = ["a:b", " one", "one\n"] as const;

/** No two of them stand for the same bot. */
export const botIds = [
  "vm{1..3}-m1",
  "vm{4,5}-m1",
  "vm{01..02}-m1",
  "{7..8,10}",
  "host",
  "host--1",
  "host--2--3",
  "solo",
  "b{{1}}",
  "e{}",
  "gce-static",
] as const;
/** Some start others; a world takes only such that do not. */
export const botIdPrefixes = [
  "gce-",
  "vm",
  "h",
  "host",
  "host-",
  "host--1",
  "stranger-",
  "s",
  "VM1-m1",
] as const;
export const bots = [
  "vm1-m1",
  "vm3-m1--1",
  "vm4-m1",
  "vm01-m1",
  "vm6-m1",
  "7",
  "09",
  "host",
  "host--1",
  "host--1--2",
  "host--2--3",
  "host--2",
  "host7",
  "solo--host",
  "b{1}",
  "e",
  "gce-static",
  "gce-static--1",
  "gce-9",
  "VM1-m1",
  "h",
  "--1",
  "stranger",
  "stranger--vm1-m1",
] as const;

export const attributes = ["job", "zone", "toString"] as const;
export const values = ["", "1", "2"] as const;
