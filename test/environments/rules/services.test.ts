import { checkCases } from "../broken.ts";

checkCases([
  {
    promise: "Galera's keepalive is below a third of its suspect timeout",
    platform: "lab",
    edit: (e) => {
      e.set("timings", { galeraSuspectSeconds: 0.5 });
    },
    problems: [
      "timings.galeraKeepaliveSeconds: contradicts the other timings of availability fast: Galera refuses to start when its keepalive is not below a third of its suspect timeout; given 0.25; allowed less than 0.167; fix: remove the timings of your own, or change both",
    ],
  },
  {
    promise: "timings that contradict one another are all named",
    platform: "lab",
    edit: (e) => {
      e.set("timings", { galeraSuspectSeconds: 12, healthFastIntervalMs: 20000, vrrpAdvertSeconds: 3, nodeLeaseSeconds: 40 });
    },
    problems: [
      "timings.galeraInactiveSeconds: contradicts the other timings of availability fast: a member must be suspected before it is inactive; given 3; allowed more than 12; fix: remove the timings of your own, or change both",
      "timings.leaderLeaseSeconds: contradicts the other timings of availability fast: controllers lose their lease in an outage that another host ends; given 15; allowed at least 94, because the API is away for 60.5 s when the database's writer is stopped in good order; fix: remove the timings of your own, or change both",
      "timings.nodeGraceSeconds: contradicts the other timings of availability fast: a node would not be ready after fewer than three missed renewals of its lease; given 12; allowed at least 30, or a shorter nodeLeaseSeconds; fix: remove the timings of your own, or change both",
      "timings.healthFastIntervalMs: contradicts the other timings of availability fast: checks of a doubtful server are rarer than those of a healthy one; given 20000; allowed at most 1000; fix: remove the timings of your own, or change both",
    ],
  },
  {
    promise: "controllers keep their lease while a hung balancer is left",
    platform: "lab",
    edit: (e) => {
      e.set("availability", "safe");
      e.set("timings", { leaderLeaseSeconds: 15 });
    },
    problems: [
      "timings.leaderLeaseSeconds: contradicts the other timings of availability safe: controllers lose their lease in an outage that another host ends; given 15; allowed at least 44, because the API is away for 27.3 s when HAProxy hangs on the balancer that holds the VIPs; fix: remove the timings of your own, or change both",
    ],
  },
  {
    promise: "an image in production has a digest",
    platform: "reference",
    edit: (e) => {
      e.set("images kine", "registry.reference.tandem.internal/platform/kine:0.16.4");
    },
    problems: [
      "images.kine: an image without digest in production; given registry.reference.tandem.internal/platform/kine:0.16.4; allowed <registry>/<repository>:<version>@sha256:<64 hexadecimal digits>; fix: add the digest that the registry shows for this version",
    ],
  },
  {
    promise: "an image that a company made of its own has the version of Kubernetes too",
    platform: "reference",
    edit: (e) =>
      e.set(
        "images kube-scheduler",
        `registry.reference.tandem.internal/platform/kube-scheduler:v1.38.0-bank1@sha256:${"0".repeat(64)}`,
      ),
    problems: [
      "images.kube-scheduler: another version than kubernetes.version; given 1.38.0; allowed 1.36.3; fix: make both the same",
    ],
  },
  {
    promise: "the control plane's images have the version of Kubernetes",
    platform: "reference",
    edit: (e) => {
      e.set("kubernetes version", "1.37.0");
    },
    problems: [
      "images.kube-apiserver: another version than kubernetes.version; given 1.36.3; allowed 1.37.0; fix: make both the same",
      "images.kube-controller-manager: another version than kubernetes.version; given 1.36.3; allowed 1.37.0; fix: make both the same",
      "images.kube-scheduler: another version than kubernetes.version; given 1.36.3; allowed 1.37.0; fix: make both the same",
    ],
  },
  {
    promise: "a flow's zone is known",
    platform: "lab",
    edit: (e) => {
      e.set("flows office-desk to", "offise");
    },
    problems: [
      "flows.office-desk.to: an unknown zone or network; given offise; allowed platform, internet, partner, policy, office, customers, partners, employees, bank; fix: did you mean office?",
    ],
  },
  {
    promise: "a flow's role or VIP is known",
    platform: "lab",
    edit: (e) => {
      e.set("flows policy-data to", "platform/databases");
    },
    problems: [
      "flows.policy-data.to: zone platform has no such role or VIP; given databases; allowed gateway, balancer, control-plane, database, nas, registry, worker, gateway-business, gateway-management, gateway-storage, kubernetes-api; fix: did you mean database?",
    ],
  },
  {
    promise: "a network outside has no roles",
    platform: "lab",
    edit: (e) => {
      e.set("flows policy-data to", "bank/database");
    },
    problems: [
      "flows.policy-data.to: an unknown zone; given bank; allowed platform, internet, partner, policy, office; fix: describe it under zones",
    ],
  },
  {
    promise: "a network outside is not called like a zone",
    platform: "lab",
    edit: (e) => {
      e.set("networks office", ["192.0.2.0/24"]);
    },
    problems: ["networks.office: also the name of a zone; given office; allowed a name of its own; fix: rename it"],
  },
  {
    promise: "a flow between zones on the business plane needs an exception",
    platform: "lab",
    edit: (e) => {
      e.remove("flows portal-quotes exception");
    },
    problems: [
      "flows.portal-quotes: passes from zone internet to zone policy on the business plane; given internet to policy; allowed flows within a zone, or an exception with owner, reason and expires; fix: remove it, or declare the exception",
    ],
  },
  {
    promise: "so do those on the other planes: hosts have legs on all of them",
    platform: "lab",
    edit: (e) => {
      e.remove("flows portal-quotes exception");
      e.set("flows portal-quotes plane", "management");
      e.remove("flows partner-claims exception");
      e.set("flows partner-claims plane", "storage");
    },
    problems: [
      "flows.portal-quotes: passes from zone internet to zone policy on the management plane; given internet to policy; allowed flows within a zone, or an exception with owner, reason and expires; fix: remove it, or declare the exception",
      "flows.partner-claims: passes from zone partner to zone policy on the storage plane; given partner to policy; allowed flows within a zone, or an exception with owner, reason and expires; fix: remove it, or declare the exception",
    ],
  },
  {
    promise: "so does one to the platform zone on the business plane",
    platform: "lab",
    edit: (e) => {
      e.set("flows office-files plane", "business");
    },
    problems: [
      "flows.office-files: passes from zone office to zone platform on the business plane; given office to platform/nas; allowed flows within a zone, or an exception with owner, reason and expires; fix: remove it, or declare the exception",
    ],
  },
  {
    promise: "so does one from the platform zone into another, on any plane: all zones reach the platform zone",
    platform: "lab",
    edit: (e) => {
      e.set("flows office-files from", "platform/nas");
      e.set("flows office-files to", "office");
    },
    problems: [
      "flows.office-files: passes from zone platform to zone office on the storage plane; given platform/nas to office; allowed flows within a zone, or an exception with owner, reason and expires; fix: remove it, or declare the exception",
    ],
  },
  {
    promise: "an exception without need is refused",
    platform: "lab",
    edit: (e) => {
      e.set("flows office-files exception", { owner: "Somebody", reason: "Needed", expires: "2027-12-31" });
    },
    problems: [
      "flows.office-files.exception: an exception that nothing needs: the flow stays in a zone, has an end outside, or asks a shared service on management or storage; given office to platform/nas on storage; allowed no exception; fix: remove it",
    ],
  },
  {
    promise: "real machines have operators, name servers and clocks",
    platform: "reference",
    edit: (e) => {
      e.set("operators", []);
      e.set("dns servers", []);
      e.set("time servers", []);
      e.set("lab", { supernet: "10.77.0.0/16" });
    },
    problems: [
      "operators: no network of operators for real machines; allowed at least one; fix: add the network that operators work from",
      "dns.servers: no name server for real machines; allowed at least one; fix: add the addresses of the site's name servers",
      "time.servers: no time server for real machines; allowed at least one; fix: add NTP servers: certificates and the database need the time",
      "lab: only a lab has a supernet; given machines: ssh; allowed machines: lab; fix: remove lab",
    ],
  },
  {
    promise: "a lab has a supernet",
    platform: "lab",
    edit: (e) => {
      e.remove("lab");
    },
    problems: [
      "machines: a lab without supernet; given lab; allowed lab: { supernet: <network> }; fix: add lab: { supernet: 10.77.0.0/16 }",
    ],
  },
  {
    promise: "the labs' supernet is the one that slots count from",
    platform: "lab",
    edit: (e) => {
      e.set("lab supernet", "10.78.0.0/16");
    },
    problems: [
      "lab.supernet: not the labs' own range; given 10.78.0.0/16; allowed 10.77.0.0/16, from which slots are counted; fix: use 10.77.0.0/16",
    ],
  },
  {
    promise: "every network of a lab lies in its supernet",
    platform: "lab",
    edit: (e) => {
      e.set("sites dc1 core cidr", "10.78.0.0/26");
      for (const [index, zone] of ["platform", "internet", "partner", "policy", "office"].entries())
        e.set(`sites dc1 zones ${zone} core`, `10.78.0.${4 * (index + 1)}`);
    },
    problems: [
      "sites.dc1.core.cidr: the core network of dc1 lies outside the lab's supernet; given 10.78.0.0/26; allowed a part of 10.77.0.0/16; fix: move it into the supernet",
    ],
  },
]);
