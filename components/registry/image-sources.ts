import * as pulumi from "@pulumi/pulumi";
import type { Site, Topology } from "../../environments/model/topology.ts";
import type { Host } from "../host/host.ts";
import { HostFile } from "../host/host-file.ts";
import { imageSourcesPath, renderImageSources } from "./image-sources.render.ts";

export interface ImageSourcesArgs {
  readonly host: Host;
  readonly topology: Topology;
  readonly site: Site;
}

/** Tells a host's engines where the platform's images come from: the registry of its own site, then that of the other one. */
export class ImageSources extends pulumi.ComponentResource {
  constructor(name: string, { host, topology, site }: ImageSourcesArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:registry:ImageSources", name, {}, { parent: host, ...options });
    const file = new HostFile(
      name,
      { host, path: imageSourcesPath(topology), content: renderImageSources(topology, site) },
      { parent: this },
    );
    this.registerOutputs({ host: host.place.name, probes: [file.probe] });
  }
}
