import { testProblems } from "../support/problem-cases.ts";

testProblems("checkProjects", [
  {
    name: "takes a project without realms, and @internal",
    text: `projects:
  - name: p
  - name: "@internal"
    realms: [{name: "@root"}, {name: "@legacy"}, {name: "@project"}, {name: a/b.c_d-1}]
`,
    problems: [],
  },
  {
    name: "refuses missing and malformed names",
    text: `projects:
  - realms: []
  - name: A
  - name: p
    realms:
      - name: A
      - name: "@other"
      - extends: []
`,
    problems: [
      'error a.yaml:2:5 projects[0].name: name is missing [it must be 1 to 100 of "a-z 0-9 - _", or "@internal"]',
      'error a.yaml:3:11 projects[1].name: name "A" is malformed [it must be 1 to 100 of "a-z 0-9 - _", or "@internal"]',
      'error a.yaml:6:15 projects[2].realms[0].name: name "A" is malformed [it must be 1 to 400 of "a-z 0-9 _ . - /", or "@root", "@legacy" or "@project"]',
      'error a.yaml:7:15 projects[2].realms[1].name: name "@other" is malformed [it must be 1 to 400 of "a-z 0-9 _ . - /", or "@root", "@legacy" or "@project"]',
      'error a.yaml:8:9 projects[2].realms[2].name: name is missing [it must be 1 to 400 of "a-z 0-9 _ . - /", or "@root", "@legacy" or "@project"]',
    ],
  },
  {
    name: "refuses two realms or custom roles of one name",
    text: `projects:
  - name: p
    custom_roles:
      - name: customRole/a
      - name: customRole/a
    realms:
      - name: r
      - name: r
  - name: q
    realms:
      - name: r
`,
    problems: [
      'error a.yaml:5:15 projects[0].custom_roles[1].name: the custom role "customRole/a" is declared twice [the first one is in "a.yaml", line 4]',
      'error a.yaml:8:15 projects[0].realms[1].name: the realm "r" is declared twice [the first one is in "a.yaml", line 7]',
    ],
  },
  {
    name: "refuses custom roles with a wrong prefix",
    text: `projects:
  - name: p
    custom_roles:
      - name: role/a
      - name: shepherd
`,
    problems: [
      'error a.yaml:4:15 projects[0].custom_roles[0].name: name "role/a" is malformed [it must start with "customRole/" and go on, at most 300 characters]',
      'error a.yaml:5:15 projects[0].custom_roles[1].name: name "shepherd" is malformed [it must start with "customRole/" and go on, at most 300 characters]',
    ],
  },
  {
    name: "lets custom roles include custom and other roles",
    text: `projects:
  - name: p
    custom_roles:
      - name: customRole/a
        includes: [customRole/b, role/x, role/swarming.poolUser]
      - name: customRole/b
`,
    others: { team: "roles: [{name: role/x}]" },
    problems: [],
  },
  {
    name: "refuses unknown roles and wrong prefixes in inclusions",
    text: `projects:
  - name: p
    custom_roles:
      - name: customRole/a
        includes: [customRole/bb, role/x, poolUser]
  - name: q
    custom_roles:
      - name: customRole/bb
`,
    problems: [
      'error a.yaml:5:20 projects[0].custom_roles[0].includes[0]: no role is named "customRole/bb" [define it under custom_roles of this project]',
      'error a.yaml:5:35 projects[0].custom_roles[0].includes[1]: no role is named "role/x" [define it under roles, with "unresolved: true" if nobody knows what it holds]',
      'error a.yaml:5:43 projects[0].custom_roles[0].includes[2]: "poolUser" is not a role that can be included here [it must start with "role/" or "customRole/" and go on]',
    ],
  },
  {
    name: "refuses a custom role included twice, and warns about other roles",
    text: `projects:
  - name: p
    custom_roles:
      - name: customRole/a
        includes: [customRole/b, customRole/b, role/swarming.poolUser, role/swarming.poolUser]
      - name: customRole/b
`,
    problems: [
      'error a.yaml:5:34 projects[0].custom_roles[0].includes[1]: "customRole/b" stands in includes twice [take one away]',
      'warning a.yaml:5:72 projects[0].custom_roles[0].includes[3]: "role/swarming.poolUser" stands in includes twice [take one away]',
    ],
  },
  {
    name: "refuses circles of custom roles",
    text: `projects:
  - name: p
    custom_roles:
      - name: customRole/a
        includes: [customRole/b]
      - name: customRole/b
        includes: [customRole/a]
`,
    problems: [
      'error a.yaml:5:20 projects[0].custom_roles[0].includes[0]: roles include each other in a circle: "customRole/a" -> "customRole/b" -> "customRole/a" [take one of these steps away]',
    ],
  },
  {
    name: "refuses an @root that extends",
    text: `projects:
  - name: p
    realms:
      - name: "@root"
        extends: [r]
      - name: r
`,
    problems: [
      'error a.yaml:5:18 projects[0].realms[0].extends: "@root" extends other realms [every realm inherits @root, so it cannot inherit one of them]',
    ],
  },
  {
    name: "lets realms extend @root and others of the project",
    text: `projects:
  - name: p
    realms:
      - name: a
        extends: ["@root", b]
      - name: b
`,
    problems: [],
  },
  {
    name: "refuses to extend undeclared realms",
    text: `projects:
  - name: p
    realms:
      - name: tests
        extends: [test, q:tests, other]
`,
    problems: [
      'error a.yaml:5:19 projects[0].realms[0].extends[0]: this project has no realm "test" [did you mean "tests"?]',
      'error a.yaml:5:25 projects[0].realms[0].extends[1]: "q:tests" is not a realm of this project [it must be 1 to 400 of "a-z 0-9 _ . - /", or "@root", "@legacy" or "@project"]',
      'error a.yaml:5:34 projects[0].realms[0].extends[2]: this project has no realm "other" [declare it, or take it away from extends]',
    ],
  },
  {
    name: "refuses to extend a realm twice",
    text: `projects:
  - name: p
    realms:
      - name: a
        extends: [b, b]
      - name: b
`,
    problems: [
      'error a.yaml:5:22 projects[0].realms[0].extends[1]: "b" stands in extends twice [take one away]',
    ],
  },
  {
    name: "refuses circles of realms, each once",
    text: `projects:
  - name: p
    realms:
      - name: a
        extends: [b]
      - name: b
        extends: [c]
      - name: c
        extends: [b, c]
`,
    problems: [
      'error a.yaml:7:19 projects[0].realms[1].extends[0]: realms extend each other in a circle: "b" -> "c" -> "b" [take one of these steps away]',
      'error a.yaml:9:22 projects[0].realms[2].extends[1]: realms extend each other in a circle: "c" -> "c" [take one of these steps away]',
    ],
  },
]);
