import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { perfEventRestriction } from "./capabilities.ts";
import { probeCapability } from "./probe-capability.ts";

describe("a capability", () => {
  const cases: readonly [title: string, status: string, name: string, answer: string][] = [
    ["that is set", "CapEff:\t0000008000000000\n", "CAP_BPF", "yes"],
    ["that is not set", "CapEff:\t0000004000000000\n", "CAP_BPF", "no"],
    ["that CAP_SYS_ADMIN includes", "CapEff:\t0000000000200000\n", "CAP_PERFMON", "yes"],
    ["that CAP_SYS_ADMIN does not include", "CapEff:\t0000000000200000\n", "CAP_SYSLOG", "no"],
    ["in a file that does not say", "Name:\tnode\n", "CAP_BPF", "unknown"],
    ["of no known name", "CapEff:\t000001ffffffffff\n", "CAP_FLY", "unknown"],
  ];
  for (const [title, status, name, answer] of cases) {
    test(`${title} answers ${answer}`, () => {
      const folder = mkdtempSync(join(tmpdir(), "capabilities-"));
      try {
        const path = join(folder, "status");
        writeFileSync(path, status);
        assert.equal(probeCapability(name, path).answer, answer);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  test("is unknown without /proc", () => {
    assert.equal(probeCapability("CAP_BPF", "/no/such/status").answer, "unknown");
  });
});

for (const [level, effective, isRestricted] of [
  ["3", "000000c400000000", true], // CAP_BPF, CAP_PERFMON and CAP_SYSLOG
  ["4", "0000000000000000", true],
  ["2", "000000c400000000", false],
  ["-1", "0000000000000000", false],
  ["3", "0000000000200000", false], // CAP_SYS_ADMIN
] as const) {
  test(`perf events at level ${level} are ${isRestricted ? "closed" : "open"} to ${effective}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "perf-events-"));
    try {
      const [levelPath, statusPath] = [join(folder, "level"), join(folder, "status")];
      writeFileSync(levelPath, `${level}\n`);
      writeFileSync(statusPath, `CapEff:\t${effective}\n`);
      const said = perfEventRestriction(levelPath, statusPath);
      if (isRestricted)
        assert.equal(said, `kernel.perf_event_paranoid is ${level}: set it to 2, or grant CAP_SYS_ADMIN.`);
      else assert.equal(said, undefined);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
