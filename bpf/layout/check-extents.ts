/** Every byte of a record belongs to exactly one named field, at the place its type wants. */
import type { Btf } from "../loader/source/btf/btf.ts";
import { describeType } from "../loader/source/btf/btf.ts";
import type { BtfComposite } from "../loader/source/btf/types.ts";

/** Throws an error that names the field: bit fields, packed structs, holes without a name, anonymous members. */
export function checkExtents(btf: Btf, struct: BtfComposite): void {
  let end = 0;
  for (const member of struct.members) {
    const place = `${struct.name}.${member.name}`;
    if (member.name === "") throw new Error(`${struct.name} has an anonymous member: give it a name.`);
    if (member.bitFieldSize !== 0 || member.bitOffset % 8 !== 0)
      throw new Error(`${place} is a bit field: use a whole integer.`);
    const offset = member.bitOffset / 8;
    if (offset % alignmentOf(btf, member.typeId) !== 0) throw new Error(`${place} is misaligned: ${packed}`);
    if (offset > end) throw new Error(hole(`before ${place}`, offset - end));
    end = offset + btf.sizeOf(member.typeId);
  }
  if (end < struct.sizeBytes) throw new Error(hole(`at the end of ${struct.name}`, struct.sizeBytes - end));
  const alignment = Math.max(1, ...struct.members.map(({ typeId }) => alignmentOf(btf, typeId)));
  if (struct.sizeBytes % alignment !== 0)
    throw new Error(`${describeType(struct)} has ${struct.sizeBytes} bytes: ${packed}`);
}

const packed = "a record is not packed.";

function hole(where: string, sizeBytes: number): string {
  return `${sizeBytes} bytes ${where} have no name: declare them as __u8 _pad[${sizeBytes}].`;
}

function alignmentOf(btf: Btf, typeId: number): number {
  const type = btf.strip(typeId);
  if (type.kind === "array") return alignmentOf(btf, type.elementTypeId);
  if (type.kind === "struct" || type.kind === "union")
    return Math.max(1, ...type.members.map((member) => alignmentOf(btf, member.typeId)));
  return btf.sizeOf(typeId);
}
