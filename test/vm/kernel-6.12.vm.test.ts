import { testKernel } from "./test-kernel.ts";

testKernel("6.12");
