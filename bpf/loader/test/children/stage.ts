/** Ends its process at the stage named by the first argument, the way named by the second. */
import { inspect } from "node:util";
import { openObject } from "../../source/index.ts";
import type { RingReader } from "../../source/index.ts";
import { fixture, request } from "../fixture.ts";

const [stage = "", ending = ""] = process.argv.slice(2);

const endings: Readonly<Record<string, () => void>> = {
  // Nothing is closed; the process ends because nothing keeps it.
  return: () => {},
  exit: () => process.exit(7),
  throw: () => {
    process.exitCode = 7;
    throw new Error("planned");
  },
};

function end(): void {
  endings[ending]?.();
}

/** A ring that is being filled and read all the time. */
function readForever(reader: { unref(): void }, fill: () => void): void {
  if (ending === "return") reader.unref();
  const timer = setInterval(fill, 1);
  timer.unref();
}

process.on("uncaughtException", (error) => {
  if (error.message === "planned") process.exit(7);
  process.stderr.write(inspect(error));
  process.exit(1);
});
const object = openObject(fixture("ring"));
if (stage === "open") end();
else if (stage === "closed before load") {
  object.close();
  end();
} else {
  const loaded = object.load();
  const fill = (): void => void loaded.program("produce").run({ context: request(0, 200) });
  let reader: RingReader | undefined;
  if (stage === "loaded") end();
  else if (stage === "attached") {
    loaded.attach("produce_raw");
    end();
  } else if (stage === "reading") {
    reader = loaded.ringReader("ring", {}, () => {});
    readForever(reader, fill);
    setTimeout(end, 20);
  } else if (stage === "in onBatch") {
    reader = loaded.ringReader("ring", {}, () => end());
    readForever(reader, fill);
    if (ending === "return") setTimeout(() => {}, 20);
  } else if (stage === "paused") {
    reader = loaded.ringReader("ring", {}, () => {});
    reader.pause();
    readForever(reader, fill);
    setTimeout(end, 20);
  } else if (stage === "object closed while reading") {
    loaded.ringReader("ring", {}, () => {});
    fill();
    loaded.close();
    end();
  } else if (stage === "kept alive") {
    // Only the reader keeps the process: it ends by itself after the reader is closed.
    reader = loaded.ringReader("ring", {}, () => {
      reader?.close();
      process.exitCode = 7;
    });
    setTimeout(fill, 50);
  }
}
