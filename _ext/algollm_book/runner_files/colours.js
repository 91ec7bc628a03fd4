// The colours of Python while it is edited. Each kind of token has the class that Pygments
// gives it, so a cell looks the same when its editor opens.

const words = (text) => new Set(text.split(" "));
const KEYWORDS = words(
  "and as assert async await break class continue def del elif else except False finally for from " +
    "global if import in is lambda None nonlocal not or pass raise return True try while with yield",
);
const BUILTINS = words(
  "abs all any bin bool bytes callable chr complex dict dir divmod enumerate filter float format " +
    "frozenset getattr globals hasattr hash id input int isinstance issubclass iter len list locals map " +
    "max memoryview min next object open ord pow print property range repr reversed round set setattr " +
    "slice sorted str sum super tuple type vars zip self cls NotImplemented Ellipsis",
);
const EXCEPTION = /^([A-Z]\w*(Error|Exception|Warning)|StopIteration|KeyboardInterrupt)$/;
const VARIABLE = /^__(annotations|bases|class|code|defaults|dict|doc|file|module|mro|name|qualname|slots)__$/;
const TOKEN = new RegExp(
  [
    /(?<c>#.*)/,
    /(?<s>[rRbBuUfF]{0,2}(?:("""|''')(?:\\[^]|(?!\3)[^\\])*(?:\3|$)|(["'])(?:\\[^]|(?!\4)[^\\\n])*\4?))/,
    /(?<m>0[xXoObB][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?[jJ]?)/,
    /(?<n>[\p{L}_][\p{L}\p{M}\p{N}_]*)/,
    /(?<nd>@\w+)/,
    /(?<o>[-~+/*%=<>&^|.@]|!=|:=)/,
    /(?<p>[^])/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gu",
);

/** Cut Python code into pairs of a class and a text. */
export function coloured(code) {
  const tokens = [];
  let [before, keyword] = ["", ""]; // the last token but blanks; the last keyword of the line
  for (const { 0: text, groups } of code.matchAll(TOKEN)) {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined);
    if (text === "\n") keyword = "";
    if (kind === "s") tokens.push(...string(text));
    else if (kind === "n") tokens.push([named(text, before), text]);
    else tokens.push([text === "." && /^(from|import)$/.test(keyword) ? "nn" : kind, text]);
    if (KEYWORDS.has(text)) keyword = text;
    if (text.trim()) before = text;
  }
  return tokens;
}

function named(word, before) {
  if (/^__\w+__$/.test(word)) return VARIABLE.test(word) ? "vm" : "fm";
  if (before === ".") return "n";
  if (before === "def") return "nf";
  if (before === "class") return "nc";
  if (KEYWORDS.has(word)) return "k";
  if (EXCEPTION.test(word)) return "ne";
  return BUILTINS.has(word) ? "nb" : "n";
}

/** A string, and what a formatted one computes within its braces. */
function string(text) {
  const start = text.search(/["']/);
  if (!/f/i.test(text.slice(0, start))) return [["s", text]];
  const tokens = [];
  let from = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] !== "{") continue;
    const end = text[at + 1] === "{" ? at + 1 : endOf(text, at + 1);
    tokens.push(["s", text.slice(from, at + 1)], ...coloured(text.slice(at + 1, end)));
    from = at = end;
  }
  return [...tokens, ["s", text.slice(from)]];
}

/** Where an expression within braces ends: at its brace, its format, or its conversion. */
function endOf(text, at) {
  let depth = 0;
  let quote = "";
  for (; at < text.length; at++) {
    const sign = text[at];
    if (quote) {
      if (sign === quote) quote = "";
    } else if (/["']/.test(sign)) quote = sign;
    else if (/[([{]/.test(sign)) depth += 1;
    else if (!depth && (/[}:]/.test(sign) || /^![rsa]/.test(text.slice(at)))) break;
    else if (/[)\]}]/.test(sign)) depth -= 1;
  }
  return at;
}
