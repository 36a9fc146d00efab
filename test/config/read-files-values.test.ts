import { testProblems } from "./support/problem-cases.ts";

testProblems("readFiles", [
  {
    name: "asks to quote numbers where text is wanted",
    text: `groups:
  - name: 007
  - name: 1e3
`,
    problems: [
      'error a.yaml:2:11 groups[0].name: wants a text, found the number 007 [quote it: "007"]',
      'error a.yaml:3:11 groups[1].name: wants a text, found the number 1e3 [quote it: "1e3"]',
    ],
  },
  {
    name: "asks to quote booleans where text is wanted",
    text: `groups:
  - name: true
`,
    problems: [
      'error a.yaml:2:11 groups[0].name: wants a text, found the boolean true [quote it: "true"]',
    ],
  },
  {
    name: "asks for a boolean without quotes",
    text: `roles:
  - name: role/x
    unresolved: "true"
`,
    problems: [
      'error a.yaml:3:17 roles[0].unresolved: wants true or false, found the text "true" [write true or false, without quotes]',
    ],
  },
  {
    name: "does not take yes for a boolean",
    text: `roles:
  - name: role/x
    unresolved: yes
`,
    problems: [
      'error a.yaml:3:17 roles[0].unresolved: wants true or false, found the text "yes" [write true or false, without quotes]',
    ],
  },
  {
    name: "refuses null",
    text: `settings: ~
pools:
groups:
  - name: a
    members:
      -
`,
    problems: [
      "error a.yaml:1:11 settings: wants a mapping, found nothing (null) [leave the field out, or write its value]",
      "error a.yaml:2:1 pools: wants a list of mappings, found nothing (null) [leave the field out, or write its value]",
      "error a.yaml:6:8 groups[0].members[0]: wants a text, found nothing (null) [leave the field out, or write its value]",
    ],
  },
  {
    name: "says what it found where a list is wanted",
    text: `groups:
  - name: a
    members: user:a@example.com
pools:
  name: p
`,
    problems: [
      'error a.yaml:3:14 groups[0].members: wants a list of texts, found the text "user:a@example.com" [begin each item with "- "]',
      'error a.yaml:5:3 pools: wants a list of mappings, found a mapping [begin each item with "- "]',
    ],
  },
  {
    name: "says what it found where a mapping is wanted",
    text: `groups:
  - developers
  - []
settings: []
`,
    problems: [
      'error a.yaml:2:5 groups[0]: wants a mapping, found the text "developers" [write its fields, for example "name: developers"]',
      "error a.yaml:3:5 groups[1]: wants a mapping, found a list",
      "error a.yaml:4:11 settings: wants a mapping, found a list",
    ],
  },
  {
    name: "says what it found where a text is wanted",
    text: `groups:
  - name: [a]
  - name: {b: c}
`,
    problems: [
      "error a.yaml:2:11 groups[0].name: wants a text, found a list",
      "error a.yaml:3:11 groups[1].name: wants a text, found a mapping",
    ],
  },
  {
    name: "counts items that cannot be read",
    text: `groups:
  - name: a
    members:
      - 1
      - user
`,
    problems: [
      'error a.yaml:4:9 groups[0].members[0]: wants a text, found the number 1 [quote it: "1"]',
      'error a.yaml:5:9 groups[0].members[1]: "user" is not an identity [it must be "kind:value" with a kind of anonymous, bot, project, service, user, task, runner and a value that the kind allows, at most 512 characters]',
    ],
  },
]);
