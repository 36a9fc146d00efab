import { testProblems } from "../support/problem-cases.ts";

testProblems("checkPools", [
  {
    name: "takes a pool in a realm that exists",
    text: `projects: [{name: a, realms: [{name: b}]}]
pools:
  - name: Any name, with (signs)
    realm: a:b
    default_task_realm: a:@root
`,
    problems: [],
  },
  {
    name: "refuses a missing name and a missing realm",
    text: `pools:
  - realm: a:b
  - name: p
`,
    others: { team: "projects: [{name: a, realms: [{name: b}]}]" },
    problems: [
      'error a.yaml:2:5 pools[0].name: name is missing [it must be 1 to 256 characters without ":", control characters, or space at either end]',
      'error a.yaml:3:5 pools[1].realm: realm is missing [it must be "project:realm" with a good name on both sides of the colon]',
    ],
  },
  {
    name: "refuses colons, outer spaces and control characters in names",
    text: `projects: [{name: a}]
pools:
  - {name: 'a:b', realm: 'a:@root'}
  - {name: ' a', realm: 'a:@root'}
  - {name: "a\\tb", realm: 'a:@root'}
`,
    problems: [
      'error a.yaml:3:12 pools[0].name: name "a:b" is malformed [it must be 1 to 256 characters without ":", control characters, or space at either end]',
      'error a.yaml:4:12 pools[1].name: name " a" is malformed [it must be 1 to 256 characters without ":", control characters, or space at either end]',
      'error a.yaml:5:12 pools[2].name: name "a\\tb" is malformed [it must be 1 to 256 characters without ":", control characters, or space at either end]',
    ],
  },
  {
    name: "refuses realms that are no full names",
    text: `pools:
  - name: p
    realm: tests
    default_task_realm: a:B
`,
    problems: [
      'error a.yaml:3:12 pools[0].realm: realm "tests" is malformed [it must be "project:realm" with a good name on both sides of the colon]',
      'error a.yaml:4:25 pools[0].default_task_realm: default_task_realm "a:B" is malformed [it must be "project:realm" with a good name on both sides of the colon]',
    ],
  },
  {
    name: "warns about realms that nobody declares",
    text: `projects: [{name: a, realms: [{name: tests}]}]
pools:
  - name: p
    realm: a:test
    default_task_realm: b:x
`,
    problems: [
      'warning a.yaml:4:12 pools[0].realm: no realm is named "a:test": "a:@root" decides instead [did you mean "a:tests"?]',
      'warning a.yaml:5:25 pools[0].default_task_realm: no realm is named "b:x": nobody has permissions in it [declare it in its project]',
    ],
  },
]);
