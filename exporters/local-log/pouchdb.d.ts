/** The part of PouchDB 9 that the local log uses. The published types redefine the global `Buffer`, which breaks Node's. */
declare module "pouchdb" {
  export interface Options {
    readonly adapter?: "leveldb";
    readonly revs_limit?: number;
    readonly auto_compaction?: boolean;
    readonly deterministic_revs?: boolean;
    /** A LevelDOWN to store in. */
    readonly db?: unknown;
  }

  export interface AllDocsOptions {
    readonly startkey?: string;
    readonly endkey?: string;
    readonly include_docs?: boolean;
    readonly descending?: boolean;
    readonly limit?: number;
  }

  export interface Row {
    readonly id: string;
    readonly doc?: object;
  }

  export default class PouchDB {
    constructor(name: string, options?: Options);
    info(): Promise<{ readonly doc_count: number }>;
    allDocs(options?: AllDocsOptions): Promise<{ readonly rows: readonly Row[] }>;
    bulkDocs(documents: readonly object[]): Promise<readonly object[]>;
    get<Content extends object>(id: string): Promise<Content & { readonly _rev: string }>;
    put(document: object): Promise<{ readonly rev: string }>;
    close(): Promise<void>;
  }
}
