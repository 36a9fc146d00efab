import { testProblems } from "../support/problem-cases.ts";

testProblems("checkBotGroups", [
  {
    name: "takes a default group, ids, sets and prefixes",
    text: `pools: [{name: p, realm: 'a:@root'}]
projects: [{name: a}]
bot_groups:
  - name: default
  - name: x
    bot_ids: [a, 'b{1..3}', mac-1, host--x]
    bot_id_prefixes: [mac-, win]
    pools: [p]
`,
    problems: [],
  },
  {
    name: "refuses missing and malformed names",
    text: `bot_groups:
  - bot_ids: [a]
  - name: a b
    bot_ids: [b]
`,
    problems: [
      'error a.yaml:2:5 bot_groups[0].name: name is missing [it must be 1 to 100 of "a-z A-Z 0-9 _ . - /"]',
      'error a.yaml:3:11 bot_groups[1].name: name "a b" is malformed [it must be 1 to 100 of "a-z A-Z 0-9 _ . - /"]',
    ],
  },
  {
    name: "refuses empty ids and prefixes, and bad characters",
    text: `bot_groups:
  - name: x
    bot_ids: ['', 'a:b']
    bot_id_prefixes: ['', 'c:']
`,
    problems: [
      'error a.yaml:3:15 bot_groups[0].bot_ids[0]: "" is not a bot id [it must be 1 to 256 characters without ":", control characters, or space at either end]',
      'error a.yaml:3:19 bot_groups[0].bot_ids[1]: "a:b" is not a bot id [it must be 1 to 256 characters without ":", control characters, or space at either end]',
      'error a.yaml:4:23 bot_groups[0].bot_id_prefixes[0]: "" is not the start of a bot id [it must be 1 to 256 characters without ":", control characters, or space at either end]',
      'error a.yaml:4:27 bot_groups[0].bot_id_prefixes[1]: "c:" is not the start of a bot id [it must be 1 to 256 characters without ":", control characters, or space at either end]',
    ],
  },
  {
    name: "refuses bad number sets",
    text: `bot_groups:
  - name: x
    bot_ids: ['a{3..1}', 'a{b}', 'a{1', 'a{1..99999999}']
`,
    problems: [
      'error a.yaml:3:15 bot_groups[0].bot_ids[0]: "a{3..1}" is not a bot id: the range "3..1" does not end above its start [sets look like "vm{1..9,12}-m1"; write "{{" for a brace]',
      'error a.yaml:3:26 bot_groups[0].bot_ids[1]: "a{b}" is not a bot id: the set holds "b", not a number or a range like "1..9" [sets look like "vm{1..9,12}-m1"; write "{{" for a brace]',
      'error a.yaml:3:34 bot_groups[0].bot_ids[2]: "a{1" is not a bot id: the "{" of the set is never closed [sets look like "vm{1..9,12}-m1"; write "{{" for a brace]',
      'error a.yaml:3:41 bot_groups[0].bot_ids[3]: "a{1..99999999}" is not a bot id: the set stands for more than 1000000 ids [sets look like "vm{1..9,12}-m1"; write "{{" for a brace]',
    ],
  },
  {
    name: "refuses a bot id in two places after expansion",
    text: `bot_groups:
  - name: x
    bot_ids: ['a{1..5}', a3]
  - name: y
    bot_ids: ['a{5..9}']
`,
    problems: [
      'error a.yaml:3:26 bot_groups[0].bot_ids[1]: the bot id "a3" is in the bot group "x" already [a bot is in one bot group: take the id away from one of them]',
      'error a.yaml:5:15 bot_groups[1].bot_ids[0]: the bot id "a5" is in the bot group "x" already [a bot is in one bot group: take the id away from one of them]',
    ],
  },
  {
    name: "refuses a bot id that another source has",
    text: `bot_groups:
  - name: x
    bot_ids: [a3]
`,
    others: { team: "bot_groups: [{name: y, bot_ids: ['a{1..5}']}]" },
    problems: [
      'error a.yaml:3:15 bot_groups[0].bot_ids[0]: the bot id "a3" is in the bot group "y" of the source "team" already [a bot is in one bot group: take the id away from one of them]',
    ],
  },
  {
    name: "refuses equal prefixes and a prefix that starts another",
    text: `bot_groups:
  - name: x
    bot_id_prefixes: [a, b-]
  - name: y
    bot_id_prefixes: [b-, ab, abc, c]
`,
    problems: [
      'error a.yaml:5:23 bot_groups[1].bot_id_prefixes[0]: the prefix "b-" is in the bot group "x" already [a bot is in one bot group: no prefix may start another]',
      'error a.yaml:5:27 bot_groups[1].bot_id_prefixes[1]: the prefix "a" is the start of "ab": the other one is in the bot group "x" [a bot is in one bot group: no prefix may start another]',
      'error a.yaml:5:31 bot_groups[1].bot_id_prefixes[2]: the prefix "ab" is the start of "abc": the other one is in the bot group "y" [a bot is in one bot group: no prefix may start another]',
    ],
  },
  {
    name: "judges prefixes across sources",
    text: `bot_groups:
  - name: x
    bot_id_prefixes: [a, mac-m1, win]
`,
    others: { team: "bot_groups: [{name: y, bot_id_prefixes: [mac-, win-10]}]" },
    problems: [
      'error a.yaml:3:26 bot_groups[0].bot_id_prefixes[1]: the prefix "mac-" is the start of "mac-m1": the other one is in the bot group "y" of the source "team" [a bot is in one bot group: no prefix may start another]',
      'error a.yaml:3:34 bot_groups[0].bot_id_prefixes[2]: the prefix "win" is the start of "win-10": the other one is in the bot group "y" of the source "team" [a bot is in one bot group: no prefix may start another]',
    ],
  },
  {
    name: "lets an id match a prefix of another group",
    text: `bot_groups:
  - name: x
    bot_ids: [mac-1]
  - name: y
    bot_id_prefixes: [mac-]
`,
    problems: [],
  },
  {
    name: "refuses a second default group, also of another source",
    text: `bot_groups:
  - name: x
    pools: []
  - name: y
`,
    others: { team: "bot_groups: [{name: z}]" },
    problems: [
      'error a.yaml:2:5 bot_groups[0]: a second default group: "z" of the source "team" has no bot ids and no prefixes either [give one of them bot_ids or bot_id_prefixes]',
      'error a.yaml:4:5 bot_groups[1]: a second default group: "z" of the source "team" has no bot ids and no prefixes either [give one of them bot_ids or bot_id_prefixes]',
    ],
  },
  {
    name: "warns about unknown and repeated pools, and refuses malformed ones",
    text: `bot_groups:
  - name: x
    pools: [linux-test, 'a:b', unassigned, unassigned]
`,
    others: {
      team: `projects: [{name: a}]
pools: [{name: linux-tests, realm: 'a:@root'}]`,
    },
    problems: [
      'warning a.yaml:3:13 bot_groups[0].pools[0]: no pool is named "linux-test": nobody can use it [did you mean "linux-tests"?]',
      'error a.yaml:3:25 bot_groups[0].pools[1]: "a:b" is not a good pool name [it must be 1 to 256 characters without ":", control characters, or space at either end]',
      'warning a.yaml:3:32 bot_groups[0].pools[2]: no pool is named "unassigned": nobody can use it [declare it under pools]',
      'warning a.yaml:3:44 bot_groups[0].pools[3]: "unassigned" stands in pools twice [take one away]',
    ],
  },
]);
