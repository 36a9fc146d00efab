import { testProblems } from "../support/problem-cases.ts";

testProblems("checkSettings", [
  {
    name: "takes settings without any field",
    text: `settings: {}
`,
    problems: [],
  },
  {
    name: "takes that every change must say why",
    text: `settings:
  reason_required: true
`,
    problems: [],
  },
  {
    name: "refuses malformed group names",
    text: `settings:
  admins_group: Admins
  users_group: a/b/c
  readers_group: a b
`,
    problems: [
      'error a.yaml:2:17 settings.admins_group: admins_group "Admins" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
      'error a.yaml:3:16 settings.users_group: users_group "a/b/c" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
      'error a.yaml:4:18 settings.readers_group: readers_group "a b" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
    ],
  },
  {
    name: "warns about groups that nobody defines, except administrators",
    text: `settings:
  admins_group: administrators
  users_group: userz
  view_all_bots_group: nobody
  readers_group: readerz
`,
    others: { "": "groups: [{name: users}]" },
    problems: [
      'warning a.yaml:3:16 settings.users_group: no group is named "userz": it counts as empty [did you mean "users"?]',
      'warning a.yaml:4:24 settings.view_all_bots_group: no group is named "nobody": it counts as empty [create it, or it stays empty]',
      'warning a.yaml:5:18 settings.readers_group: no group is named "readerz": it counts as empty [create it, or it stays empty]',
    ],
  },
  {
    name: "refuses a delegation without a group",
    text: `settings:
  delegations:
    - caller_globs: [user:*]
`,
    problems: [
      'error a.yaml:3:7 settings.delegations[0].group: group is missing [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
    ],
  },
  {
    name: "refuses malformed globs, permissions and realms in a delegation",
    text: `settings:
  delegations:
    - group: administrators
      caller_globs: ["*", robot:*, "user:"]
      permissions: [a.b, a..c]
      realms: [app, "app:", app:@other]
`,
    problems: [
      'error a.yaml:4:22 settings.delegations[0].caller_globs[0]: "*" is not a glob [it must be "kind:pattern" with a known kind and a pattern that is not empty and holds no control character, at most 512 characters]',
      'error a.yaml:4:27 settings.delegations[0].caller_globs[1]: "robot:*" is not a glob [it must be "kind:pattern" with a known kind and a pattern that is not empty and holds no control character, at most 512 characters]',
      'error a.yaml:4:36 settings.delegations[0].caller_globs[2]: "user:" is not a glob [it must be "kind:pattern" with a known kind and a pattern that is not empty and holds no control character, at most 512 characters]',
      'error a.yaml:5:21 settings.delegations[0].permissions[0]: "a.b" is not a permission [it must be "service.subject.verb": three parts between two dots, at most 200 characters]',
      'error a.yaml:5:26 settings.delegations[0].permissions[1]: "a..c" is not a permission [it must be "service.subject.verb": three parts between two dots, at most 200 characters]',
      'error a.yaml:6:16 settings.delegations[0].realms[0]: "app" is not a full realm name [it must be "project:realm" with a good name on both sides of the colon]',
      'error a.yaml:6:21 settings.delegations[0].realms[1]: "app:" is not a full realm name [it must be "project:realm" with a good name on both sides of the colon]',
      'error a.yaml:6:29 settings.delegations[0].realms[2]: "app:@other" is not a full realm name [it must be "project:realm" with a good name on both sides of the colon]',
    ],
  },
  {
    name: "warns about unknown permissions and realms in a delegation",
    text: `settings:
  delegations:
    - group: administrators
      permissions: [swarming.tasks.gett]
      realms: [app:x]
`,
    problems: [
      'warning a.yaml:4:21 settings.delegations[0].permissions[0]: no permission is named "swarming.tasks.gett" [did you mean "swarming.tasks.get"?]',
      'warning a.yaml:5:16 settings.delegations[0].realms[0]: no realm is named "app:x": nobody has permissions in it [declare it in its project]',
    ],
  },
  {
    name: "warns about repetitions in a delegation",
    text: `settings:
  delegations:
    - group: administrators
      caller_globs: [user:*, user:*]
`,
    problems: [
      'warning a.yaml:4:30 settings.delegations[0].caller_globs[1]: "user:*" stands in caller_globs twice [take one away]',
    ],
  },
]);
