/** Variables by which somebody else's code would run in root's program: what each is set to, and that it works by itself. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const tree = join(import.meta.dirname, "../..");

/** Appends the program that it was loaded into to a file. */
const library = `#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void run(void)
{
	char program[4096];
	ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);
	int file = open(MARK, O_CREAT | O_WRONLY | O_APPEND, 0644);
	if (size > 0 && file >= 0) {
		program[size] = '\\n';
		if (write(file, program, size + 1) < 0)
			_exit(1);
	}
	close(file);
}
`;

const opensslConfiguration = (module: string): string => `nodejs_conf = conf
[conf]
providers = providers
[providers]
chosen = chosen
[chosen]
module = ${module}
activate = 1
`;

export class ChosenCode {
  readonly variables: Readonly<Record<string, string>>;
  readonly #mark: string;
  readonly #folders: readonly string[];

  constructor(folder: string) {
    this.#mark = join(folder, "mark");
    const [so, source] = [join(folder, "chosen.so"), join(folder, "chosen.c")];
    writeFileSync(source, library);
    execFileSync("gcc", ["-shared", "-fPIC", `-DMARK="${this.#mark}"`, "-o", so, source]);
    const addons = join(folder, "addons/build/Release");
    mkdirSync(addons, { recursive: true });
    execFileSync("cp", [so, join(addons, "chosen.node")]);
    const [script, openssl] = [join(folder, "chosen.cjs"), join(folder, "openssl.cnf")];
    writeFileSync(
      script,
      `require("node:fs").appendFileSync(${JSON.stringify(this.#mark)}, process.execPath + "\\n");`,
    );
    writeFileSync(openssl, opensslConfiguration(so));
    const [coverage, cache] = [join(folder, "coverage"), join(folder, "cache")];
    this.#folders = [coverage, cache];
    for (const place of this.#folders) mkdirSync(place);
    this.variables = {
      NODE_OPTIONS: `--require=${script}`,
      LD_PRELOAD: so,
      OPENSSL_CONF: openssl,
      LEVELDOWN_PREBUILD: join(folder, "addons"),
      BPF_LOADER_ADDON: join(addons, "chosen.node"),
      NODE_V8_COVERAGE: coverage,
      NODE_COMPILE_CACHE: cache,
    };
  }

  /** What it left: programs of Node that it ran in, and folders that were written to. */
  traces(): readonly string[] {
    const programs = existsSync(this.#mark) ? readFileSync(this.#mark, "utf8").split("\n") : [];
    return [
      ...new Set(programs.filter((program) => program.endsWith("/node"))),
      ...this.#folders.filter((folder) => readdirSync(folder).length > 0),
    ];
  }

  /** Whether the variable does this to a Node that was started without the launcher, with all that Kerntel loads. */
  isDangerous(name: string): boolean {
    const load = `require("node:crypto"); try { require(${JSON.stringify(join(tree, "node_modules/leveldown"))}); } catch {}`;
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined, [name]: this.variables[name] };
    const script = join(tree, "package.json");
    // A module, which compile caches are for.
    writeFileSync(`${this.#mark}.cjs`, `${load} require(${JSON.stringify(script)});`);
    spawnSync(process.execPath, [`${this.#mark}.cjs`], { env });
    const isDangerous = this.traces().length > 0;
    execFileSync("sh", ["-c", 'rm -rf "$1" "$2"/* "$3"/*', "sh", this.#mark, ...this.#folders]);
    return isDangerous;
  }
}
