/** Tasks hang for real, in a container, on a file system that was frozen; found by our scan, then by the kernel. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { enumNames } from "bpf-loader-napi";
import { makeMemoryCgroup } from "../provoke/cgroup.ts";
import type { TestCgroup } from "../provoke/cgroup.ts";
import { freezeFilesystem } from "../provoke/frozen-filesystem.ts";
import { setHungTaskTimeout } from "../provoke/hung-task-timeout.ts";
import { assertBooksClose, assertDeclared } from "./assertions.ts";
import { noteKernel } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel, readMetric } from "./running-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";
