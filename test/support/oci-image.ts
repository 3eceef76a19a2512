import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Writes an image of one layer of random bytes as an OCI layout (https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md), and returns its digest; by a name in an archive of it, if one is given. */
export function writeOciImage(directory: string, bytes: number, name?: string): string {
  const blobs = join(directory, "blobs", "sha256");
  mkdirSync(blobs, { recursive: true });
  const blob = (mediaType: string, content: Buffer) => {
    const hash = createHash("sha256").update(content).digest("hex");
    writeFileSync(join(blobs, hash), content);
    return { mediaType, digest: `sha256:${hash}`, size: content.length };
  };
  const json = (mediaType: string, value: object) => blob(mediaType, Buffer.from(JSON.stringify(value)));
  const layer = blob("application/vnd.oci.image.layer.v1.tar", randomBytes(bytes));
  const config = json("application/vnd.oci.image.config.v1+json", {
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [layer.digest] },
  });
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = json(mediaType, { schemaVersion: 2, mediaType, config, layers: [layer] });
  const named = { ...manifest, ...(name !== undefined && { annotations: { "org.opencontainers.image.ref.name": name } }) };
  writeFileSync(join(directory, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [named] }));
  writeFileSync(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  return manifest.digest;
}
