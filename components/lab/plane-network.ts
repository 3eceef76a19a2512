import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { tandemLabels } from "../labels.ts";

export interface PlaneNetworkArgs {
  /** Id of the lab. */
  readonly lab: string;
  /** Name in the engine, unique among all labs. */
  readonly networkName: string;
  /** Name of the bridge on the machine: 15 characters at most. */
  readonly bridge: string;
  readonly cidr: string;
  /**
   * Who holds the gateway's address: a host of the lab (the machine then has no address on this network), or the machine itself, which is
   * the operators' side of a management plane.
   */
  readonly gateway: { readonly heldBy: "host" | "machine"; readonly address: string };
}

/** A network of the lab's engine: the stand-in for a VLAN. It is closed: nothing is forwarded out of it. */
export class PlaneNetwork extends pulumi.ComponentResource {
  readonly network: docker.Network;

  constructor(name: string, args: PlaneNetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super("tandem:lab:PlaneNetwork", name, {}, options);
    this.network = new docker.Network(
      name,
      {
        name: args.networkName,
        driver: "bridge",
        internal: true,
        ipamConfigs: [{ subnet: args.cidr, gateway: args.gateway.address }],
        options: {
          "com.docker.network.bridge.name": args.bridge,
          "com.docker.network.bridge.inhibit_ipv4": String(args.gateway.heldBy === "host"),
        },
        labels: tandemLabels(this, { lab: args.lab }),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
