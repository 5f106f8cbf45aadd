import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { enableStatistics, readStatistics } from "../source/index.ts";
import { live, load, request } from "./fixture.ts";

describe("run statistics", live, () => {
  test("count runs and their time only while they are on", () => {
    using object = load("ring");
    const program = object.program("produce");
    const once = (): void => void program.run({ context: request(0, 1) });
    {
      using statistics = enableStatistics();
      once();
      once();
      assert.ok(statistics);
    }
    once();
    const { runCount, runTimeNs, recursionMisses, verifiedInstructions, id } = program.statistics();
    assert.equal(runCount, 2n);
    assert.ok(runTimeNs > 0n);
    assert.equal(recursionMisses, 0n);
    assert.ok(verifiedInstructions > 0);
    assert.equal(id, program.id);
    assert.deepEqual(readStatistics(program.fd), program.statistics());
  });

  test("can be turned off twice", () => {
    const statistics = enableStatistics();
    statistics[Symbol.dispose]();
    statistics[Symbol.dispose]();
  });

  test("of a descriptor that is no program are an error", () => {
    assert.throws(() => readStatistics(0), {
      name: "BpfError",
      code: "BPF_STATISTICS_FAILED",
      errno: "EINVAL",
    });
    assert.throws(() => readStatistics(-1), { code: "BPF_STATISTICS_FAILED", message: /EBADF/ });
  });
});
