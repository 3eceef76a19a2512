import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { platformOf } from "../../environments/model/flows/party.ts";
import { environmentsDirectory } from "../../environments/model/load.ts";
import { fills, loginOf, registryPassword } from "../../environments/model/registry.ts";
import { platformZone } from "../../environments/model/topology.ts";
import { UserError } from "../console/errors.ts";
import type { Report } from "../console/steps.ts";
import { withTemporaryDirectory } from "../console/temporary-directory.ts";
import { readOutputs, textAmong } from "../deploy/stack-outputs.ts";
import type { DeployedPlatform } from "../deploy/surroundings.ts";
import { authoritiesOf } from "./authorities.ts";
import { askWords, copyWords, type FillFrom, type FillTo, type SeedImage, seedImages } from "./seed.ts";

/** Brings what the platform runs from out of the seed into the active site's registry, whence it comes to the other one; what is there already is not brought again. */
export async function fill(platform: DeployedPlatform, report: Report): Promise<void> {
  const { topology } = platform;
  const images = seedImages(topology);
  if (images.length === 0)
    throw new UserError(
      `${platform.name}: none of its images is of its own registry with a tag and a digest; there is nothing to fill it with`,
    );
  await runSkopeo(["--version"]);
  const from = { seed: topology.seed, directory: environmentsDirectory };
  await withTemporaryDirectory(async (directory) => fillAll(images, from, await destination(platform, directory), report));
}

async function destination({ topology, project }: DeployedPlatform, directory: string): Promise<FillTo> {
  const vip = topology.sites.filter(fills).flatMap((site) => platformOf(site).vips.filter(({ name }) => name === "registry"))[0];
  if (!vip) throw new Error(`${topology.platform}: the environment was not checked by its rules`);
  const trust = await readOutputs(project, `${topology.platform}-trust`);
  const account = `push-${platformZone}`;
  const password = textAmong(trust, ["passwords", registryPassword(account)], "the registry knows an account by");
  const auth = Buffer.from(`${loginOf(topology, account)}:${password}`).toString("base64");
  const authFile = join(directory, "login.json");
  writeFileSync(authFile, JSON.stringify({ auths: { [vip.fqdn]: { auth } } }), { mode: 0o600 });
  writeFileSync(join(directory, "authorities.crt"), authoritiesOf(topology, trust).join(""));
  return { registry: vip.fqdn, authFile, certificateDirectory: directory };
}

/** One after the other; what could not be brought is told of at the end. */
export async function fillAll(
  images: readonly SeedImage[],
  from: FillFrom,
  to: FillTo,
  report: Report,
  skopeo: (words: readonly string[]) => Promise<Uint8Array> = runSkopeo,
): Promise<void> {
  const problems: string[] = [];
  for (const [index, image] of images.entries()) {
    const name = `${image.repository}:${image.tag}`;
    const has = async (): Promise<boolean> => digestOf(await skopeo(askWords(image, to))) === image.digest;
    const say = (what: string): void => report(`${index + 1} of ${images.length} ${name}: ${what}`);
    try {
      if (await has().catch(() => false)) {
        say("there already");
        continue;
      }
      await skopeo(copyWords(image, from, to));
      if (!(await has())) throw new UserError(`the seed has another image under this tag than ${image.digest}`);
      say("brought");
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(`${name}: ${error.message}`);
      say("FAILED");
    }
  }
  if (problems.length > 0)
    throw new UserError(
      `${problems.join("\n")}\n${problems.length} of ${images.length} images were not brought; run again when they can be`,
    );
}

const digestOf = (manifest: Uint8Array): string => `sha256:${createHash("sha256").update(manifest).digest("hex")}`;

async function runSkopeo(words: readonly string[]): Promise<Uint8Array> {
  const result = await execa("skopeo", words, { encoding: "buffer", stripFinalNewline: false, reject: false });
  if (result.code === "ENOENT") throw new UserError("skopeo is not on PATH; install 1.9 or newer, as by apt-get install skopeo");
  if (result.failed) throw new UserError(Buffer.from(result.stderr).toString().trim().split("\n").at(-1) || result.shortMessage);
  return result.stdout;
}
