import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  addressNumber,
  addressText,
  hostOffsets,
  isHostAddress,
  operatorOffset,
  parseNetwork,
  plannedHostAddress,
  vipPlan,
} from "../../environments/model/addresses.ts";
import { hostRoles } from "../../environments/model/topology.ts";

const address = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const network = fc
  .tuple(address, fc.integer({ min: 8, max: 28 }))
  .map(([number, prefix]) => parseNetwork(`${addressText(number)}/${prefix}`) ?? assert.fail("a network"));

test("every address survives the way to its text and back", () => {
  fc.assert(fc.property(address, (number) => addressNumber(addressText(number)) === number));
});

test("a text with leading zeros, signs, spaces, too few or too large numbers is no address", () => {
  for (const text of [
    "010.0.0.1",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.1 ",
    "+1.0.0.1",
    "0x0a.0.0.1",
    "167772161",
    "::1",
    "10.0.0.0.1",
    "",
  ]) {
    assert.equal(addressNumber(text), undefined, text);
  }
});

test("a network holds its own address and no bit beside its prefix", () => {
  fc.assert(
    fc.property(network, ({ cidr, first, last, prefixLength }) => {
      assert.equal(parseNetwork(cidr)?.cidr, cidr);
      assert.equal(last - first + 1, 2 ** (32 - prefixLength));
      assert.equal(first % (last - first + 1), 0);
    }),
  );
});

test("a planned host address lies in its network, and no two hosts, VIPs or the operator share one", () => {
  const host = fc.tuple(fc.constantFrom(...hostRoles), fc.integer({ min: 1, max: 400 }));
  fc.assert(
    fc.property(network, host, host, (net, [role, number], [otherRole, otherNumber]) => {
      const one = plannedHostAddress(net, role, `x${number}`);
      const other = plannedHostAddress(net, otherRole, `x${otherNumber}`);
      if (one === undefined) return;
      const value = addressNumber(one) ?? assert.fail("an address");
      assert.ok(isHostAddress(net, value));
      assert.equal(one === other, role === otherRole && number === otherNumber);
      const taken = [operatorOffset, ...Object.values(vipPlan).map(({ offset }) => offset)].map((offset) => net.first + offset);
      assert.ok(!taken.includes(value));
    }),
  );
});

test("the plan has a place for the smallest quorum of every role in a /27", () => {
  const net = parseNetwork("10.0.0.0/27") ?? assert.fail("a network");
  for (const role of hostRoles)
    assert.notEqual(plannedHostAddress(net, role, `x${Math.min(5, hostOffsets[role].count)}`), undefined, role);
});
