/** Filters in tcpdump's language for an event whose kernel half includes bpf/include/interpret.h. */
import { FilterError, compileFilter } from "bpf-loader-napi";
import type { FilterInstruction } from "bpf-loader-napi";
import type { ConfigProperty, LoadedEvent } from "./contract.ts";

/** The kernel half interprets so many. */
const INSTRUCTIONS = 512;
/** Loads beyond it are no bytes of the packet, but what only Linux knows of it (linux/filter.h, SKF_AD_OFF). */
const ANCILLARY_OFFSET = 0xffff_f000;
const LOAD_CLASS = 0x07;
const nothing: FilterInstruction = { code: 0, ifTrue: 0, ifFalse: 0, constant: 0 };

/** The key `filter`. `what`: words for what it chooses, as "Which drops are described". */
export function filterConfig(what: string): ConfigProperty {
  return {
    type: "string",
    description: `${what}, in tcpdump's language (pcap-filter(7)), as "tcp port 80"; the others are only counted. Empty: all.`,
    default: "",
    findProblem: findFilterProblem,
  };
}

/** libpcap reads more, but a wrong filter takes as many attempts as it has words until the wrong one is found. */
const LONGEST_FILTER_CHARACTERS = 2048;

/** Why a text is no filter here, as it goes behind its key; undefined where it is one. Has nothing of the text in it. */
export function findFilterProblem(text: string): string | undefined {
  if (text.length > LONGEST_FILTER_CHARACTERS)
    return `is too long: ${LONGEST_FILTER_CHARACTERS} characters are allowed`;
  try {
    compilePacketFilter(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error instanceof FilterError
      ? `${readKind(error)}, at ${locate(text, error.position)}`
      : error.message;
  }
}

/** What libpcap says before it quotes the text: "syntax error", "unknown port". */
function readKind({ message }: FilterError): string {
  return /^(?:can't parse filter expression: )?([a-z ]+)/i.exec(message)?.[1]?.trim() || "not a filter";
}

function locate(text: string, position: number): string {
  return `character ${position + 1}${position < text.length ? "" : ", its end"}`;
}

/** No instructions for an empty text, which wants every packet. */
function compilePacketFilter(text: string): readonly FilterInstruction[] {
  if (text.trim() === "") return [];
  const program = compileFilter(text);
  if (program.length > INSTRUCTIONS)
    throw new RangeError(
      `is too long: it takes ${program.length} instructions, and ${INSTRUCTIONS} are allowed`,
    );
  if (program.some(({ code, constant }) => (code & LOAD_CLASS) <= 1 && constant >= ANCILLARY_OFFSET))
    throw new RangeError(
      "asks for what a dropped packet does not tell: inbound, outbound, ifname and the like",
    );
  return program;
}

/** The filter in the kernel half; a new one is written beside the one in force and takes its place in one store. */
export class KernelFilter {
  #inForce = 0;

  /** Writes the filter; the settings that put it in force. Throws for what `findFilterProblem` finds wrong. */
  write(maps: Pick<LoadedEvent, "map">, text: string): { readonly filter_in_force: number } {
    const program = compilePacketFilter(text);
    if (program.length === 0) {
      this.#inForce = 0;
    } else {
      this.#inForce = this.#inForce === 1 ? 2 : 1;
      maps.map("filters").update(this.#inForce - 1, {
        count: program.length,
        _pad: 0,
        instructions: Array.from({ length: INSTRUCTIONS }, (_, index) => toKernel(program[index] ?? nothing)),
      });
    }
    return { filter_in_force: this.#inForce };
  }
}

function toKernel({ code, ifTrue, ifFalse, constant }: FilterInstruction): Record<string, number> {
  return { code, if_true: ifTrue, if_false: ifFalse, constant };
}
