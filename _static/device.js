// What the book keeps on its reader's device, and nowhere else. A browser may refuse to
// keep anything: then nothing is known at the next visit, and the page works all the same.
const Device = (() => {
  function attempt(act, ...words) {
    try {
      return localStorage[act](...words);
    } catch (error) {
      if (error instanceof DOMException) return undefined;
      throw error;
    }
  }
  return {
    read: (key) => attempt("getItem", key), // null: nothing is kept; undefined: refused
    keep: (key, text) => attempt("setItem", key, text),
    forget: (key) => attempt("removeItem", key),
  };
})();
