import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";
import { serviceAccount } from "../../environments/model/service-account.ts";
import { runTool } from "../console/log.ts";
import type { Report } from "../console/steps.ts";
import { withTemporaryDirectory } from "../console/temporary-directory.ts";
import { buildGo } from "../toolchain/go-build.ts";
import { type KubernetesBinary, kubernetesParts } from "../toolchain/kubernetes-binaries.ts";

/** An image of pods: one executable, linked to nothing. */
export interface PodImage {
  /** In the environment file it is `tandem/<name>:lab`. */
  readonly name: string;
  readonly part: KubernetesBinary;
}

/** All images that the lab's nodes have from their beginning: no registry gives them any. */
export const podImages: readonly PodImage[] = (["coredns", "pause", "sample"] as const).map((name) => ({ name, part: name }));

const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** Writes an image as an archive that containerd imports (https://github.com/moby/docker-image-spec/blob/v1.1/v1.1.md#combined-image-json--filesystem-changeset-format). */
export async function writePodImage({ name, part }: PodImage, file: string, report: Report, signal?: AbortSignal): Promise<void> {
  const executable = await buildGo(kubernetesParts[part], report, signal);
  await withTemporaryDirectory(async (directory) => {
    const [root, whole] = [join(directory, "root"), join(directory, "whole")];
    mkdirSync(root);
    mkdirSync(whole);
    copyFileSync(executable, join(root, name));
    const layer = join(whole, "layer.tar");
    await pack(root, layer, signal);
    const configuration = JSON.stringify({
      architecture: architectures[arch()],
      os: "linux",
      config: { Entrypoint: [`/${name}`], User: `${serviceAccount.id}:${serviceAccount.id}` },
      rootfs: { type: "layers", diff_ids: [`sha256:${digest(readFileSync(layer))}`] },
    });
    const configurationFile = `${digest(configuration)}.json`;
    writeFileSync(join(whole, configurationFile), configuration);
    const manifest = [{ Config: configurationFile, RepoTags: [`docker.io/tandem/${name}:lab`], Layers: ["layer.tar"] }];
    writeFileSync(join(whole, "manifest.json"), JSON.stringify(manifest));
    const packed = join(directory, "image.tar");
    await pack(whole, packed, signal);
    copyFileSync(packed, `${file}.new`);
    renameSync(`${file}.new`, file);
  });
}

const digest = (content: Buffer | string): string => createHash("sha256").update(content).digest("hex");

/** The same content is the same archive. */
const pack = (directory: string, file: string, signal?: AbortSignal): Promise<string> =>
  runTool(
    "tar",
    [
      "--create",
      "--sort=name",
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      "--mtime=@0",
      `--directory=${directory}`,
      `--file=${file}`,
      ".",
    ],
    { ...(signal && { signal }) },
  );
