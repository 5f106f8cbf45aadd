/** What PouchDB takes by itself for the documents that records become: one database, its own calls, nothing else. */
import { join } from "node:path";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { PouchDB } from "#exporters/local-log/pouch-database.ts";
import { encodeRecord } from "#exporters/local-log/record-document.ts";

export interface PouchWork {
  readonly records: number;
  readonly batch: number;
  readonly createPortion: () => readonly ReadableLogRecord[];
}

/** Documents per second: `bulkDocs`, then `allDocs` with documents, page by page. */
export async function measurePouch(
  directory: string,
  { records, batch, createPortion }: PouchWork,
): Promise<{ written: number; read: number }> {
  const database = new PouchDB(join(directory, "alone"), { adapter: "leveldb" });
  await database.info();
  let writingMs = 0;
  for (let done = 0; done < records;) {
    const documents = createPortion().map((record) => encodeRecord(record, "1", "1"));
    done += documents.length;
    const start = performance.now();
    for (let from = 0; from < documents.length; from += batch)
      await database.bulkDocs(documents.slice(from, from + batch));
    writingMs += performance.now() - start;
  }
  const start = performance.now();
  let found = 0;
  for (let startkey = ""; ;) {
    const { rows } = await database.allDocs({ startkey, limit: batch, include_docs: true });
    const last = rows.at(-1);
    if (last === undefined) break;
    found += rows.length;
    startkey = `${last.id}\0`;
  }
  const readingMs = performance.now() - start;
  await database.close();
  if (found !== records) throw new Error(`${found} of ${records} documents were read back`);
  return { written: (records / writingMs) * 1000, read: (records / readingMs) * 1000 };
}
