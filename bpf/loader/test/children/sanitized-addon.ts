/** Imported before everything else by the processes of sanitized.sh. */
import { fileURLToPath } from "node:url";
import { useAddon } from "../../source/native.ts";

useAddon(fileURLToPath(new URL("../../build/Sanitized/bpf_loader.node", import.meta.url)));
