import { checkCases } from "../broken.ts";

checkCases([
  {
    promise: "a port that two flows permit between the same ends is refused",
    platform: "reference",
    edit: (e) => {
      const ends = { from: "policy", to: "platform/database", plane: "storage", protocol: "tcp", ports: [3307, 3306] };
      e.set("flows policy-data-again", { ...ends, purpose: "The same again", owner: "Somebody else" });
    },
    problems: [
      "flows.policy-data-again.ports[1]: flow policy-data permits this port between the same ends already; given 3306; allowed one flow for each port between two ends; fix: remove it from one of them",
    ],
  },
  {
    promise: "a port that is given twice is refused",
    platform: "reference",
    edit: (e) => e.set("flows payments ports", [443, 8443, 443]),
    problems: ["flows.payments.ports[2]: given twice; given 443; allowed each port once; fix: remove it"],
  },
  {
    promise: "port 0 is refused",
    platform: "reference",
    edit: (e) => e.set("flows payments ports", [0]),
    problems: [
      "flows.payments.ports[0]: not a value that can be used here; given 0; allowed at least 1; fix: give an allowed value",
    ],
  },
  {
    promise: "ports by which others come to a zone's applications are of the nodes' range, and one zone's on a site",
    platform: "reference",
    edit: (e) => {
      e.set("flows customer-portal ports", [443]);
      e.set("flows partner-api ports", [8442, 32768]);
      e.set("flows office-desk ports", [8443]);
    },
    problems: [
      "flows.customer-portal.ports[0]: no port by which the nodes of zone internet can hand on what is for its pods; given 443; allowed 1024 to 32767; fix: take one of these; whoever stands in front of the platform may show his clients another",
      "flows.partner-api.ports[1]: no port by which the nodes of zone partner can hand on what is for its pods; given 32768; allowed 1024 to 32767; fix: take one of these; whoever stands in front of the platform may show his clients another",
      "flows.portal-quotes.ports[0]: flow office-desk takes this port for zone office, and a port of nodes is one zone's on a site; given 8443; allowed a port of its own for zone policy; fix: take another port",
      "flows.partner-claims.ports[0]: flow office-desk takes this port for zone office, and a port of nodes is one zone's on a site; given 8443; allowed a port of its own for zone policy; fix: take another port",
    ],
  },
  {
    promise: "a VIP on another plane than the flow's is refused",
    platform: "reference",
    edit: (e) => e.set("flows policy-data plane", "management"),
    problems: [
      "flows.policy-data.plane: VIP database is on another plane; given management; allowed storage; fix: change the plane, or name another end",
    ],
  },
  {
    promise: "a time server that is no address is refused: firewalls know no names",
    platform: "reference",
    edit: (e) => e.set("time servers", ["172.16.0.123", "172.16.0.1234"]),
    problems: [
      "time.servers[1]: not an IPv4 address; given 172.16.0.1234; allowed four numbers from 0 to 255 without leading zeros; fix: write it as in 10.20.0.5",
    ],
  },
]);
