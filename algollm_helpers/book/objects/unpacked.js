// Numbers as the build packs them for a page.

/** Return the float64 that a text in base 64 holds, lowest byte first. */
export function unpacked(text) {
  return new Float64Array(Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer);
}
