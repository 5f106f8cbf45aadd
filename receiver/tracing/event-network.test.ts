import assert from "node:assert/strict";
import { test } from "node:test";
import { BpfError } from "bpf-loader-napi";
import { createEventNetwork } from "./event-network.ts";
import type { EventNetwork } from "./event-network.ts";

function answerWith(error: Error, said: unknown[]): EventNetwork {
  const fail = (): never => {
    throw error;
  };
  return createEventNetwork({
    guard: (act) => {
      act();
    },
    onFailed: fail,
    onDriverError: (name, errorName) => said.push([name, errorName]),
    ethtool: { driver: fail, link: fail },
  });
}

for (const errno of ["EIO", "EBUSY", "ETIMEDOUT", "EINVAL", "EPERM"]) {
  test(`${errno} from a driver is no answer, and reported`, () => {
    const said: unknown[] = [];
    const error = new BpfError("BPF_ETHTOOL_FAILED", `eth0: ${errno}`, { phase: "network", errno });
    const network = answerWith(error, said);
    assert.equal(network.driver("eth0"), undefined);
    assert.equal(network.speed("eth0"), undefined);
    assert.deepEqual(said, [
      ["eth0", errno],
      ["eth0", errno],
    ]);
  });
}

test("what is no answer of a driver is an error of the event", () => {
  const network = answerWith(new TypeError("not a function"), []);
  assert.throws(() => network.speed("eth0"), TypeError);
});
