import assert from "node:assert/strict";
import { test } from "node:test";
import { KernelFilter, findFilterProblem } from "./packet-filter.ts";

const tooLong = Array.from({ length: 150 }, (_, index) => `port ${index * 2 + 1}`).join(" or ");
const cases: readonly [text: string, problem: RegExp | undefined][] = [
  ["", undefined],
  ["  ", undefined],
  ["tcp port 80", undefined],
  ["vlan 5 and ip6 and udp", undefined],
  ["greater 100 and tcp[tcpflags] & tcp-syn != 0", undefined],
  ["tcp prot 80", /^syntax error, at character 5$/],
  ["tcp and", /^syntax error, at character 8, its end$/],
  ["port nowhere", /^unknown port, at character 6$/],
  ["inbound", /asks for what a dropped packet does not tell/],
  ["port 80 or ".repeat(400), /is too long: 2048 characters are allowed/],
  [tooLong, /is too long: it takes \d+ instructions, and 512 are allowed/],
];
for (const [text, problem] of cases) {
  test(`the filter "${text.slice(0, 50)}" is ${problem === undefined ? "taken" : "refused"}`, () => {
    const found = findFilterProblem(text);
    if (problem === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", problem);
  });
}

test("a new filter is written beside the one in force", () => {
  const written: [key: unknown, count: unknown][] = [];
  const map = (): never =>
    ({
      update: (key: unknown, { count }: { count: unknown }) => written.push([key, count]),
    }) as never;
  const filter = new KernelFilter();
  assert.deepEqual(filter.write({ map }, "ip"), { filter_in_force: 1 });
  assert.deepEqual(filter.write({ map }, "ip6"), { filter_in_force: 2 });
  assert.throws(() => filter.write({ map }, "ip7"));
  assert.deepEqual(filter.write({ map }, "arp"), { filter_in_force: 1 });
  assert.deepEqual(filter.write({ map }, ""), { filter_in_force: 0 });
  assert.deepEqual(written, [
    [0, 4],
    [1, 4],
    [0, 4],
  ]);
});
