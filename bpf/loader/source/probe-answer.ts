/** What a question to the kernel can be answered with. */
export type ProbeAnswer =
  | { readonly answer: "yes" }
  | { readonly answer: "no"; readonly why: string }
  /** The question could not be asked. */
  | { readonly answer: "unknown"; readonly why: string };

export const yes: ProbeAnswer = { answer: "yes" };

export function no(why: string): ProbeAnswer {
  return { answer: "no", why };
}

export function unknown(why: string): ProbeAnswer {
  return { answer: "unknown", why };
}

const answers = new Map<string, ProbeAnswer>();

/** A running kernel does not change its mind, so `yes` and `no` are kept; what is not known is asked again. */
export function askOnce(question: string, ask: () => ProbeAnswer): ProbeAnswer {
  const known = answers.get(question);
  if (known !== undefined) return known;
  const answer = ask();
  if (answer.answer !== "unknown") answers.set(question, answer);
  return answer;
}
