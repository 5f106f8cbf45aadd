/** What no schema can say: settings that contradict each other, and settings that are probably not what was meant. */
import { keyOf } from "./declaration.ts";
import type { Declarations, DeclaredExporter, Setting } from "./declaration.ts";
import { asObject, dig, findDeclaredSections, givenSettings, listOf } from "./declared-sections.ts";
import type { DeclaredSection } from "./declared-sections.ts";
import { unusedKeys } from "./file-schema.ts";
import { describeReceived } from "./received.ts";
import type { Checked, Problem } from "./problems.ts";

/** Works on whatever the file has, also where the schema has found it wrong. */
export function findContradictions(checked: Checked, declarations: Declarations): Problem[] {
  const { root: file } = checked;
  const sections = findDeclaredSections(file, declarations);
  return [
    ...declarations.exporters.flatMap((exporter) => findLocalLogTwice(file, exporter)),
    ...sections.flatMap(findHalves),
    ...findPortsTwice(sections),
    ...sections.flatMap((section) => findProblems(section, checked)),
  ];
}

/** What the file asks for and Kerntel does not do, and what a setting's own declaration finds doubtful. */
export function findDoubts(file: unknown, declarations: Declarations): Problem[] {
  return [
    ...unusedKeys
      .filter((key) => key in asObject(file))
      .map((key) => ({ path: [key], problem: "not used: Kerntel sends log records and metrics only" })),
    ...Object.keys(asObject(dig(file, ["distribution"])))
      .filter((name) => name !== "kerntel")
      .map((name) => ({
        path: ["distribution", name],
        problem: "not used: the settings of another distribution",
      })),
    ...findDeclaredSections(file, declarations).flatMap(findDoubtsOf),
  ];
}

/** A declaration says what is wrong, and never what it is wrong with. */
function findProblems(section: DeclaredSection, { isSubstituted }: Checked): Problem[] {
  return givenSettings(section).flatMap(({ setting, value, path }) => {
    const problem = isOfType(value, setting) ? setting.findProblem?.(value as never) : undefined;
    if (problem === undefined) return [];
    const schema = { type: setting.type, ...(setting.secret && { writeOnly: true }) };
    const received = describeReceived({ value, schema, isSubstituted: isSubstituted(path) });
    return [{ path, problem: `got ${received}; ${problem}` }];
  });
}

function findDoubtsOf(section: DeclaredSection): Problem[] {
  return givenSettings(section).flatMap(({ setting, value, path }) => {
    const problem = isOfType(value, setting) ? setting.findDoubt?.(value as never) : undefined;
    return problem === undefined ? [] : [{ path, problem }];
  });
}

/** A value of another type is a problem of its own, and nothing that a declaration's rule must understand. */
function isOfType(value: unknown, { type, items }: Setting): boolean {
  if (type === "array")
    return (
      Array.isArray(value) &&
      value.every((item) => typeof item === (items?.type === "integer" ? "number" : "string"))
    );
  return typeof value === (type === "integer" ? "number" : type);
}

/** The schema finds a key that is missing; here it is there and has nothing in it, as `${UNSET}` leaves it. */
function findHalves({ group, path, section }: DeclaredSection): Problem[] {
  return (group.together ?? []).flatMap((names) => {
    const keys = names.map((name) => keyOf(group, name)).filter((key) => key in section);
    const other = keys.find((key) => !isEmpty(section[key]));
    if (other === undefined) return [];
    return keys
      .filter((key) => isEmpty(section[key]))
      .map((key) => ({ path: [...path, key], problem: `has no value, and "${other}" is given` }));
  });
}

function isEmpty(value: unknown): boolean {
  return value === null || value === "";
}

function findPortsTwice(sections: readonly DeclaredSection[]): Problem[] {
  const taken = new Set<number>();
  return sections.flatMap(({ group, path, section }) =>
    Object.entries(group.settings).flatMap(([name, setting]) => {
      if (setting.listens !== true) return [];
      const port = Number(section[setting.key ?? name] ?? setting.default);
      const isTaken = port > 0 && taken.has(port);
      taken.add(port);
      return isTaken ? [{ path, problem: "its port is used by a reader above" }] : [];
    }),
  );
}

function findLocalLogTwice(file: unknown, { name, logs }: DeclaredExporter): Problem[] {
  if (logs?.ownSection === undefined) return [];
  const listPath = ["logger_provider", "processors"];
  const places = listOf(file, listPath).flatMap((processor, index) => {
    const exporter = asObject(dig(processor, ["batch", "exporter"]));
    const path = [...listPath, index, "batch", "exporter", name];
    return name in exporter ? [{ path, settings: asObject(exporter[name]) }] : [];
  });
  const ownPath = ["distribution", "kerntel", logs.ownSection.key];
  const inBoth = Object.keys(asObject(dig(file, ownPath))).filter(
    (key) => key in (places[0]?.settings ?? {}),
  );
  return [
    ...places
      .slice(1)
      .map(({ path }) => ({ path, problem: `${name} is here a second time; there is one local log` })),
    ...inBoth.map((key) => ({
      path: [...ownPath, key],
      problem: `also set at the ${name} exporter; set it in one of both places`,
    })),
  ];
}
