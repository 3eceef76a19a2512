import type * as pulumi from "@pulumi/pulumi";

export const controlPlaneServices = ["kine", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;
export type ControlPlaneService = (typeof controlPlaneServices)[number];

export type ControlPlaneImages = Readonly<Record<ControlPlaneService, pulumi.Input<string>>>;
