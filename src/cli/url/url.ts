import type { AddCommand } from "../cli.ts";
import { addUrlActivateKey } from "./activate-key.ts";
import { addUrlKeys } from "./keys.ts";
import { addUrlRetireKey } from "./retire-key.ts";
import { addUrlSign } from "./sign.ts";
import { addUrlVerify } from "./verify.ts";

/** Adds `url` and its commands. */
export const addUrl: AddCommand = (parent, cli) => {
  const url = parent
    .command("url")
    .description("Sign and verify what goes into URLs, and rotate the keys that sign.");
  addUrlSign(url, cli);
  addUrlVerify(url, cli);
  addUrlKeys(url, cli);
  addUrlActivateKey(url, cli);
  addUrlRetireKey(url, cli);
};
