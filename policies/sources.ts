// Where rules come from. Benchmarks were read as their checkers state them, number by number.

/** CIS Docker Benchmark, section "Container Runtime". https://github.com/docker/docker-bench-security/blob/master/tests/5_container_runtime.sh */
export const cisDocker = (id: `5.${number}`): string => `CIS Docker Benchmark ${id}, as docker-bench-security checks it`;

/** CIS Kubernetes Benchmark 1.10, section "Policies". https://github.com/aquasecurity/kube-bench/blob/main/cfg/cis-1.10/policies.yaml */
export const cisKubernetes = (id: `5.${number}.${number}`): string => `CIS Kubernetes Benchmark 1.10, ${id}`;

export const podSecurity =
  "Kubernetes' Pod Security Standards, restricted: https://kubernetes.io/docs/concepts/security/pod-security-standards/";

/** What an outage or a measurement taught us. */
export const own = (document: string, what: string): string => `${what} (${document})`;
