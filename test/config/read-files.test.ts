import { testProblems } from "./support/problem-cases.ts";

testProblems("readFiles", [
  {
    name: "takes an empty file with a warning",
    text: `# nothing yet
`,
    problems: ["warning a.yaml:1:1 : the file is empty"],
  },
  {
    name: "takes JSON",
    text: '{"groups": [{"name": "a"}]}',
    problems: [],
  },
  {
    name: "names an unknown field and the field that was meant",
    text: `pools:
  - name: p
    relm: a:b
`,
    problems: ['error a.yaml:3:5 pools[0].relm: unknown field "relm" [did you mean "realm"?]'],
  },
  {
    name: "names the fields that there are when none is near",
    text: `colour: red
`,
    problems: [
      'error a.yaml:1:1 colour: unknown field "colour" [the fields here are settings, permissions, roles, projects, pools, bot_groups, groups]',
    ],
  },
  {
    name: "asks for snake_case",
    text: `botGroups: []
`,
    problems: [
      'error a.yaml:1:1 botGroups: unknown field "botGroups" [write it as snake_case: "bot_groups"]',
    ],
  },
  {
    name: "judges the other fields when one cannot be read",
    text: `groups:
  - name: a
    description: 5
    nested: [b]
`,
    problems: [
      'error a.yaml:3:18 groups[0].description: wants a text, found the number 5 [quote it: "5"]',
      'error a.yaml:4:14 groups[0].nested[0]: no group is named "b" [add it under groups, or create it first]',
    ],
  },
  {
    name: "refuses settings in two files",
    text: [
      `settings: {}
`,
      `settings: {}
`,
    ],
    problems: [
      'error b.yaml:1:11 settings: the settings stand in the file "a.yaml" too [join them in one file]',
    ],
  },
  {
    name: "lists problems in the order of files and lines",
    text: [
      `groups:
  - name: A
`,
      `x: 1
groups:
  - name: B
`,
    ],
    problems: [
      'error a.yaml:2:11 groups[0].name: name "A" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
      'error b.yaml:1:1 x: unknown field "x" [the fields here are settings, permissions, roles, projects, pools, bot_groups, groups]',
      'error b.yaml:3:11 groups[0].name: name "B" is malformed [it must be 1 to 100 of "0-9 a-z _ - . @", perhaps behind a prefix of "a-z -" and one "/"]',
    ],
  },
]);
