import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { registryName } from "../../environments/model/registry.ts";
import { labTopology } from "../../scripts/lab/machines.ts";
import { writePodImage } from "../../scripts/lab/pod-image.ts";
import { serviceImages } from "../../scripts/lab/service-images.ts";
import { writeOciImage } from "../support/oci-image.ts";
import { unpacked } from "../support/unpacked.ts";
import { hostNamed, lab, own, said, zoneOf } from "./session.ts";

// skopeo on the machine itself, which is the lab's operator, pushes to a site's registry by its VIP.

export interface Pushed {
  readonly code: number | undefined;
  readonly said: string;
  readonly digest: string;
}

export interface Pushing {
  /** An image of that many random bytes, as in `policy/web:1`, by its project's account. */
  random(site: string, image: string, bytes: number): Promise<Pushed>;
  /** One that a pod can run: it does nothing, as an executable of that name. */
  idle(site: string, image: string, executable: string): Promise<Pushed>;
}

export const imageName = (image: string): string => `${registryName(labTopology(lab))}/${image}`;

export async function whilePushing(work: (pushing: Pushing) => Promise<void>): Promise<void> {
  const { root, remove } = await unpacked(serviceImages.registry);
  try {
    const passwords = JSON.parse(await trustOutput("passwords")) as Readonly<Record<string, string>>;
    const authorities = JSON.parse(await trustOutput("authorities")) as {
      readonly platform: readonly { readonly certificate: string }[];
    };
    writeFileSync(join(root, "authorities.pem"), authorities.platform.map(({ certificate }) => certificate).join(""));
    const push = async (site: string, image: string, ...source: string[]): Promise<Omit<Pushed, "digest">> => {
      const address = zoneOf(hostNamed(`${site}-platform-reg1`)).vips.find(({ name }) => name === "registry")?.address;
      const account = `push-${image.split("/")[0]}`;
      const password = passwords[`registry-${account}`];
      assert.ok(address && password);
      const auth = Buffer.from(`${account}:${password}`).toString("base64");
      writeFileSync(join(root, "login.json"), JSON.stringify({ auths: { [address]: { auth } } }), { mode: 0o600 });
      const words = ["copy", "--insecure-policy", "--dest-authfile=/login.json", ...source, `docker://${address}/${image}`];
      const outcome = await execa("chroot", [root, "skopeo", ...words], {
        ...{ reject: false, all: true, timeout: 120_000 },
        env: { SSL_CERT_FILE: "/authorities.pem" },
      });
      return { code: outcome.exitCode, said: outcome.all };
    };
    await work({
      random: async (site, image, bytes) => {
        const directory = join(root, "image");
        rmSync(directory, { recursive: true, force: true });
        const digest = writeOciImage(directory, bytes);
        return { ...(await push(site, image, "--preserve-digests", "oci:/image")), digest };
      },
      idle: async (site, image, executable) => {
        mkdirSync(join(root, "images"), { recursive: true });
        const file = join(root, "images", "image.tar");
        await writePodImage({ name: executable, part: "pause" }, file, () => {});
        cpSync(file, join(root, "image.tar"));
        return { ...(await push(site, image, "docker-archive:/image.tar")), digest: "" };
      },
    });
  } finally {
    remove();
  }
}

/** Not by the session's npm: what that one printed is searched for secrets. */
async function trustOutput(name: string): Promise<string> {
  const outcome = await own.npm("pulumi", ["stack", "output", name, "--json", "--show-secrets", "--stack", "lab-trust"]);
  assert.equal(outcome.code, 0, said(outcome));
  return outcome.stdout;
}
