/** The folder of one Elasticsearch node: links to the prepared jars, laid out as in the distribution, and its settings. */
import { cpSync, globSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface NodeSettings {
  readonly port: number;
  readonly isSecure: boolean;
  /** More lines for elasticsearch.yml. */
  readonly lines: readonly string[];
}

/** Of the one user of a secure node. */
export const ADMIN = { username: "admin", password: "changeme" };

const LOGGING = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n%throwable
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;

const MODULE_OF_OURS = `name=peer
description=peer
version=9.5.3
elasticsearch.version=9.5.3
java.version=21
classname=PeerPlugin
`;

/** Answers the class path: each module beside it has its own class loader. */
export function layOutNode(prepared: string, home: string, settings: NodeSettings): string {
  for (const folder of ["config", "data", "logs", "tmp", "plugins", "lib/platform/linux-x64"])
    mkdirSync(join(home, folder), { recursive: true });
  const [zstd = ""] = globSync("/usr/lib/*/libzstd.so.1");
  symlinkSync(zstd, join(home, "lib/platform/linux-x64/libzstd.so"));
  addModule(home, "peer", [join(prepared, "peer.jar")]);
  writeFileSync(join(home, "modules/peer/plugin-descriptor.properties"), MODULE_OF_OURS);
  const jars = listJars(join(prepared, "lib"));
  const [transport, classPath] = [jars.filter(isTransport), jars.filter((jar) => !isTransport(jar))];
  const modules: [name: string, jars: readonly string[]][] = [["transport-netty4", transport]];
  if (settings.isSecure) modules.push(...sortSecurityJars(prepared, transport));
  for (const [name, its] of modules) {
    addModule(home, name, its);
    cpSync(join(prepared, `${name}.properties`), join(home, "modules", name, "plugin-descriptor.properties"));
  }
  writeConfiguration(join(home, "config"), settings);
  return [join(prepared, "node"), ...classPath].join(":");
}

function sortSecurityJars(prepared: string, transport: readonly string[]): [string, readonly string[]][] {
  const jars = listJars(join(prepared, "x-pack"));
  return [
    ["x-pack-core", [...transport, ...jars.filter((jar) => !isSecurity(jar))]],
    ["x-pack-security", jars.filter(isSecurity)],
  ];
}

function isSecurity(jar: string): boolean {
  return jar.includes("/x-pack-security-");
}

function isTransport(jar: string): boolean {
  return jar.includes("/transport-netty4-");
}

function listJars(folder: string): string[] {
  return readdirSync(folder).map((name) => join(folder, name));
}

function addModule(home: string, name: string, jars: readonly string[]): void {
  const folder = join(home, "modules", name);
  mkdirSync(folder, { recursive: true });
  for (const jar of jars) symlinkSync(jar, join(folder, jar.slice(jar.lastIndexOf("/") + 1)));
}

function writeConfiguration(folder: string, { port, isSecure, lines }: NodeSettings): void {
  const security = [
    "xpack.security.enabled: true",
    "xpack.security.http.ssl.enabled: false",
    "xpack.security.transport.ssl.enabled: false",
    "xpack.security.authc.api_key.enabled: true",
  ];
  const all = [
    "cluster.name: peer",
    "node.name: peer",
    "network.host: 127.0.0.1",
    `http.port: ${port}`,
    "transport.port: 0",
    "discovery.type: single-node",
    "cluster.routing.allocation.disk.threshold_enabled: false",
    ...(isSecure ? security : []),
    ...lines,
  ];
  writeFileSync(join(folder, "elasticsearch.yml"), `${all.join("\n")}\n`);
  writeFileSync(join(folder, "log4j2.properties"), LOGGING);
  if (!isSecure) return;
  writeFileSync(join(folder, "users"), `${ADMIN.username}:${ADMIN.password}\n`);
  writeFileSync(join(folder, "users_roles"), `superuser:${ADMIN.username}\n`);
}
