// A reader's edits, kept on this device if they ask for it, and given back to the cells
// that are still as they were. What was kept is shown; it runs when its reader runs it.

/* global Device */

const KEY = "algollm-edits";
const here = location.pathname;

// Another program may have written there.
function all() {
  try {
    return new Map(Object.entries(JSON.parse(Device.read(KEY) ?? null) ?? {}));
  } catch (error) {
    if (error instanceof SyntaxError) return new Map();
    throw error;
  }
}

function put(pages) {
  if (pages.size) Device.keep(KEY, JSON.stringify(Object.fromEntries(pages)));
  else Device.forget(KEY);
}

export const isKeeping = () => all().has(here);

/** Keep edits of this page from now on, or forget them. */
export function keepFrom(now, changed) {
  const pages = all();
  if (now) pages.set(here, []);
  else pages.delete(here);
  put(pages);
  for (const box of document.querySelectorAll(".run-foot input")) box.checked = now;
  changed();
}

/** Keep what is edited just now, if the reader has asked for it. */
export function keep(cells) {
  const pages = all();
  if (!pages.has(here)) return;
  const edits = cells.filter((cell) => cell.edited);
  pages.set(here, edits.map((cell) => ({ book: cell.source, mine: cell.code() })));
  put(pages);
}

/** The cells that had been edited, each with its reader's code. */
export function kept(cells) {
  const edits = all().get(here);
  return (Array.isArray(edits) ? edits : []).flatMap((edit) => {
    const cell = cells.find((one) => one.source === edit?.book);
    return cell && typeof edit.mine === "string" ? [[cell, edit.mine]] : [];
  });
}
