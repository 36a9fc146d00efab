import { testProblems } from "../support/problem-cases.ts";

testProblems("checkGroups", [
  {
    name: "takes groups with everything in them",
    text: `groups:
  - name: a
    description: "Two\\nlines"
    owners: a
    members: [user:A@example.com, bot:b, project:p, service:s, anonymous:anonymous, task:t, runner:r]
    globs: [user:*@example.com, anonymous:*]
    nested: [ext/b, administrators]
  - name: ext/b
    owners: administrators
`,
    problems: [],
  },
  {
    name: "refuses missing and malformed names",
    text: `groups:
  - members: []
  - name: A
  - name: a/b/c
  - name: 1/b
`,
    problems: [
      'error a.yaml:2:5 groups[0].name: name is missing [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
      'error a.yaml:3:11 groups[1].name: name "A" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
      'error a.yaml:4:11 groups[2].name: name "a/b/c" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
      'error a.yaml:5:11 groups[3].name: name "1/b" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
    ],
  },
  {
    name: "refuses malformed members and says how to write them",
    text: `groups:
  - name: a
    members: [ann@example.com, group:b, user:*@example.com, user:ann, 'user:ann@example.com ']
`,
    problems: [
      'error a.yaml:3:15 groups[0].members[0]: "ann@example.com" is not an identity [people are written as "user:name@domain"]',
      'error a.yaml:3:32 groups[0].members[1]: "group:b" is not an identity [name groups under nested, without the prefix]',
      'error a.yaml:3:41 groups[0].members[2]: "user:*@example.com" is not an identity [name globs under globs]',
      'error a.yaml:3:61 groups[0].members[3]: "user:ann" is not an identity [it must be "kind:value" with a kind of anonymous, bot, project, service, user, task, runner and a value that the kind allows, at most 512 characters]',
      'error a.yaml:3:71 groups[0].members[4]: "user:ann@example.com " is not an identity [it must be "kind:value" with a kind of anonymous, bot, project, service, user, task, runner and a value that the kind allows, at most 512 characters]',
    ],
  },
  {
    name: "warns about members that are one identity",
    text: `groups:
  - name: a
    members: [user:A@example.com, user:a@Example.com, bot:A, bot:a]
`,
    problems: [
      'warning a.yaml:3:35 groups[0].members[1]: "user:a@Example.com" is the same as "user:A@example.com" [take one away]',
    ],
  },
  {
    name: "says how to match people when a glob has no kind",
    text: `groups:
  - name: a
    globs: ['*@example.com']
`,
    problems: [
      'error a.yaml:3:13 groups[0].globs[0]: "*@example.com" is not a glob [people are matched as in "user:*@example.com"]',
    ],
  },
  {
    name: "refuses malformed globs",
    text: `groups:
  - name: a
    globs: ['*', 'user:', 'users:*', "user:\\n*", user:*, user:*]
`,
    problems: [
      'error a.yaml:3:13 groups[0].globs[0]: "*" is not a glob [it must be "kind:pattern" with a known kind and a pattern that is not empty and holds no control character, at most 512 characters]',
      'error a.yaml:3:18 groups[0].globs[1]: "user:" is not a glob [it must be "kind:pattern" with a known kind and a pattern that is not empty and holds no control character, at most 512 characters]',
      'error a.yaml:3:27 groups[0].globs[2]: "users:*" is not a glob [it must be "kind:pattern" with a known kind and a pattern that is not empty and holds no control character, at most 512 characters]',
      'error a.yaml:3:38 groups[0].globs[3]: "user:\\n*" is not a glob [it must be "kind:pattern" with a known kind and a pattern that is not empty and holds no control character, at most 512 characters]',
      'warning a.yaml:3:58 groups[0].globs[5]: "user:*" stands in globs twice [take one away]',
    ],
  },
  {
    name: "refuses nested groups that do not exist",
    text: `groups:
  - name: a
    nested: [developer, ext/x, A, d, d]
  - name: developers
  - name: d
`,
    problems: [
      'error a.yaml:3:14 groups[0].nested[0]: no group is named "developer" [did you mean "developers"?]',
      'error a.yaml:3:25 groups[0].nested[1]: no group is named "ext/x" [it has the form of an external group: import it first]',
      'error a.yaml:3:32 groups[0].nested[2]: "A" is not the name of a group [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
      'warning a.yaml:3:38 groups[0].nested[4]: "d" stands in nested twice [take one away]',
    ],
  },
  {
    name: "takes nested groups and owners of other sources and those edited by hand",
    text: `groups:
  - name: a
    owners: h
    nested: [h, t]
`,
    others: { "": "groups: [{name: h}]", team: "groups: [{name: t}]" },
    problems: [],
  },
  {
    name: "refuses owners that do not exist",
    text: `groups:
  - name: a
    owners: owner
  - name: owners
    owners: B
`,
    problems: [
      'error a.yaml:3:13 groups[0].owners: no group is named "owner" [did you mean "owners"?]',
      'error a.yaml:5:13 groups[1].owners: owners "B" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
    ],
  },
  {
    name: "lets administrators be owned only by itself",
    text: `groups:
  - name: administrators
    owners: a
    members: [user:a@example.com]
  - name: a
`,
    problems: [
      'error a.yaml:3:13 groups[0].owners: "administrators" can be owned only by itself [leave owners out]',
    ],
  },
  {
    name: "refuses circles, with their path",
    text: `groups:
  - name: a
    nested: [x, b]
  - name: b
    nested: [c, a]
  - name: c
    nested: [a]
  - name: x
    nested: [x]
`,
    problems: [
      'error a.yaml:3:17 groups[0].nested[1]: groups nest each other in a circle: "a" -> "b" -> "c" -> "a" [take one of these steps away]',
      'error a.yaml:3:17 groups[0].nested[1]: groups nest each other in a circle: "a" -> "b" -> "a" [take one of these steps away]',
      'error a.yaml:9:14 groups[3].nested[0]: groups nest each other in a circle: "x" -> "x" [take one of these steps away]',
    ],
  },
  {
    name: "refuses a circle through groups of other sources",
    text: `groups:
  - name: a
    nested: [b]
`,
    others: {
      main: "groups: [{name: a}]",
      team: "groups: [{name: b, nested: [c]}, {name: c, nested: [a]}]",
    },
    problems: [
      'error a.yaml:3:14 groups[0].nested[0]: groups nest each other in a circle: "a" -> "b" -> "c" -> "a" [take one of these steps away]',
    ],
  },
  {
    name: "refuses long and uncontrolled descriptions",
    text: `groups:
  - name: a
    description: "a\\rb"
`,
    problems: [
      'error a.yaml:3:18 groups[0].description: description "a\\rb" is malformed [it must be at most 10000 characters; of control characters only line feeds and tabs]',
    ],
  },
]);
