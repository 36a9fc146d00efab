import { testProblems } from "../support/problem-cases.ts";

testProblems("checkPermissions", [
  {
    name: "takes a permission with attributes",
    text: `permissions:
  - name: a.b.c
    attributes: [x]
`,
    problems: [],
  },
  {
    name: "refuses a missing name",
    text: `permissions:
  - attributes: [x]
`,
    problems: [
      'error a.yaml:2:5 permissions[0].name: name is missing [it must be "service.subject.verb": three parts between two dots, at most 200 characters]',
    ],
  },
  {
    name: "refuses names without exactly three parts",
    text: `permissions:
  - name: a.b
  - name: a.b.c.d
  - name: a..c
`,
    problems: [
      'error a.yaml:2:11 permissions[0].name: name "a.b" is malformed [it must be "service.subject.verb": three parts between two dots, at most 200 characters]',
      'error a.yaml:3:11 permissions[1].name: name "a.b.c.d" is malformed [it must be "service.subject.verb": three parts between two dots, at most 200 characters]',
      'error a.yaml:4:11 permissions[2].name: name "a..c" is malformed [it must be "service.subject.verb": three parts between two dots, at most 200 characters]',
    ],
  },
  {
    name: "refuses empty attributes",
    text: `permissions:
  - name: a.b.c
    attributes: [""]
`,
    problems: [
      'error a.yaml:3:18 permissions[0].attributes[0]: "" is not an attribute [it must be 1 to 200 characters without control characters]',
    ],
  },
  {
    name: "warns about built-in permissions and repeated attributes",
    text: `permissions:
  - name: swarming.tasks.get
    attributes: [x, x]
`,
    problems: [
      'warning a.yaml:2:11 permissions[0].name: the permission "swarming.tasks.get" is built in [it needs no declaration]',
      'warning a.yaml:3:21 permissions[0].attributes[1]: "x" stands in attributes twice [take one away]',
    ],
  },
]);
