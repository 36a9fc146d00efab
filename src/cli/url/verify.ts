import {
  UrlService,
  VerifyUrlResponseSchema,
} from "../../gen/fleetgate/credential/v1/url_service_pb.ts";
import { filledArgument } from "../arguments.ts";
import { examples, type AddCommand } from "../cli.ts";
import { exitCodes } from "../exit-code.ts";
import { formatTime } from "../format-time.ts";
import { askAboutSecret } from "../identify/ask-about-secret.ts";
import { plain } from "../print.ts";
import { readSecret } from "../read-secret.ts";
import { facts, show } from "../show.ts";
import { withTarget, type TargetOptions } from "./target-options.ts";

interface VerifyOptions extends TargetOptions {
  readonly grantFile?: string;
}

/** Adds `url verify`. */
export const addUrlVerify: AddCommand = (parent, cli) => {
  withTarget(parent.command("verify"))
    .description(
      "Verify a grant against what is about to be done. Ends with 1 when it is refused. For relying services of its realm.",
    )
    .option("--grant-file <file>", "the grant (default: standard input)", filledArgument)
    .addHelpText(
      "after",
      examples([
        "the grant is on standard input, never an argument",
        "fleetgate url verify --purpose cache.download --method GET --resource cache/1234 < grant",
      ]),
    )
    .action(
      cli.action(async ({ purpose, method, resource, grantFile }: VerifyOptions) => {
        const grant = await readSecret(cli.io, grantFile, "a grant");
        return askAboutSecret(cli, async (connection) => {
          const response = await connection
            .client(UrlService)
            .verifyUrl({ grant, purpose, method, resource });
          const lines = [
            "good",
            ...facts(
              ["realm", plain(response.realm)],
              ["identity", plain(response.identity)],
              ["expires", formatTime(response.expiresAt, "-")],
            ),
          ];
          show(cli, VerifyUrlResponseSchema, response, lines);
          return exitCodes.ok;
        });
      }),
    );
};
