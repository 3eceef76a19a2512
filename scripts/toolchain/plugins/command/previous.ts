import { plain, type Value } from "../provider/values.ts";
import type { Work } from "./command.ts";
import type { CommonInputs } from "./shapes.ts";

/** The kernel takes no single variable of more than 128 KiB (MAX_ARG_STRLEN), an SSH packet hardly more. */
const largest = 128 * 1024 - 64;

/** The outputs of the previous create or update as environment variables, unless `addPreviousOutputInEnv` is false. */
export async function previousEnvironment(
  inputs: CommonInputs,
  { previous, context, urn }: Work,
): Promise<Record<string, string>> {
  if (inputs.addPreviousOutputInEnv === false) return {};
  const environment: Record<string, string> = {};
  for (const [name, value] of [
    ["PULUMI_COMMAND_STDOUT", previous["stdout"]],
    ["PULUMI_COMMAND_STDERR", previous["stderr"]],
  ] as const) {
    const text = textOf(value);
    if (text === "") continue;
    const unfit = text.includes("\0")
      ? "it contains NUL"
      : Buffer.byteLength(text) > largest
        ? "it is longer than 128 KiB"
        : undefined;
    if (!unfit) environment[name] = text;
    else {
      const message = `${name} is not set: the previous output can't be an environment variable, as ${unfit}. addPreviousOutputInEnv: false avoids this`;
      await context.engine.log("warning", message, { urn });
    }
  }
  return environment;
}

function textOf(value: Value | undefined): string {
  const text = value === undefined ? "" : plain(value);
  return typeof text === "string" ? text : "";
}
