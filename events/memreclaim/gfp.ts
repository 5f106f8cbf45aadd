/** What an allocation was for: the bits of gfp_t by the kernel's names (include/linux/gfp_types.h). */

/** Values that kernel code really passes, the largest first, as the kernel's own messages put them. */
const combined: readonly (readonly [name: string, bits: number])[] = [
  ["GFP_TRANSHUGE", 0x1c24ca],
  ["GFP_TRANSHUGE_LIGHT", 0x1c20ca],
  ["GFP_HIGHUSER_MOVABLE", 0x100cca],
  ["GFP_HIGHUSER", 0x100cc2],
  ["GFP_USER", 0x100cc0],
  ["GFP_KERNEL_ACCOUNT", 0x400cc0],
  ["GFP_KERNEL", 0xcc0],
  ["GFP_NOFS", 0xc40],
  ["GFP_ATOMIC", 0x820],
  ["GFP_NOIO", 0xc00],
  ["GFP_NOWAIT", 0x800],
];

/** By bit. From 5.15 to 6.18 these did not move; bit 9 lost its meaning, and those above depend on the configuration. */
const single: readonly (string | undefined)[] = [
  "DMA",
  "HIGHMEM",
  "DMA32",
  "MOVABLE",
  "RECLAIMABLE",
  "HIGH",
  "IO",
  "FS",
  "ZERO",
  undefined,
  "DIRECT_RECLAIM",
  "KSWAPD_RECLAIM",
  "WRITE",
  "NOWARN",
  "RETRY_MAYFAIL",
  "NOFAIL",
  "NORETRY",
  "MEMALLOC",
  "COMP",
  "NOMEMALLOC",
  "HARDWALL",
  "THISNODE",
  "ACCOUNT",
];

/** Joined by `|`; what has no name stays a hexadecimal number at the end. */
export function nameGfp(mask: number): string {
  const names: string[] = [];
  let rest = mask;
  const take = (name: string, bits: number): void => {
    if (bits === 0 || (rest & bits) >>> 0 !== bits) return;
    names.push(name);
    rest = (rest & ~bits) >>> 0;
  };
  for (const [name, bits] of combined) take(name, bits);
  for (const [bit, name] of single.entries()) if (name !== undefined) take(`__GFP_${name}`, 1 << bit);
  if (rest !== 0 || names.length === 0) names.push(hexGfp(rest));
  return names.join("|");
}

export function hexGfp(mask: number): string {
  return `0x${mask.toString(16)}`;
}
