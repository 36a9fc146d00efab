import { Option } from "commander";

/** The option `--summary`. */
export function summaryOption(): Option {
  return new Option("--summary", "of the differences and of who gains and loses only how many");
}
