/* JupyterLab shows a chapter with jupyterlab-myst, which parses each text cell into a
   tree (MyST's AST). What it cannot know of this book is put into that tree before it
   is drawn: titles, citations, definitions, verdicts. They come from book.json, which
   tools/notebooks.py writes. There is no build step: this file is the container that
   JupyterLab loads an extension from. */
{
  const beside = document.currentScript.src;
  const asked = fetch(new URL("book.json", beside), { cache: "no-cache" });
  const known = asked.then((answer) => answer.json());
  const style = { rel: "stylesheet", href: new URL("reader.css", beside) };
  document.head.append(Object.assign(document.createElement("link"), style));

  const text = (value) => ({ type: "text", value });
  const said = (title, ...children) => ({ type: "abbreviation", title, children });
  const link = (url, ...children) => ({ type: "link", url, children });
  const paragraph = (...children) => ({ type: "paragraph", children });

  // What `{role}` of "text <target>" is about.
  const parts = (value) => {
    const [, title, target] = /^(?:(.*?)\s*<(.*)>|.*)$/s.exec(value);
    return target === undefined ? { target: value } : { title, target };
  };

  function cited(cites, book) {
    const unknown = (label) => ({ label, full: label });
    const sources = cites.map(({ label }) => book.sources[label] ?? unknown(label));
    sources.sort((a, b) => (a.label < b.label ? -1 : 1));
    const shown = sources.flatMap((s) => [text(", "), said(s.full, text(s.label))]);
    return [text("["), ...shown.slice(1), text("]")];
  }

  function scorecard({ args, value }, book, page) {
    const settled = value?.includes(":settled:");
    const cell = (...children) => ({ type: "tableCell", children });
    const row = (...children) => ({ type: "tableRow", children });
    const head = book.heads.map((word) => ({ ...cell(text(word)), header: true }));
    const body = Object.entries(book.claims)
      .filter(([, c]) => c.chapter === args && (c.page === page || !settled))
      .map(([id, claim]) => row(
        cell(link(claim.url, text(id))),
        cell(text(claim.says)),
        cell(text(claim.headline)),
        cell(...claim.measured.map((line) => paragraph(text(line)))),
      ));
    return [{ type: "table", children: [row(...head), ...body] }];
  }

  // By type of the node, or name of the role or directive: what takes its place.
  const replaced = {
    cite: (node, book) => cited([node], book),
    citeGroup: (node, book) => cited(node.children, book),
    claim(node, book) {
      const claim = book.claims[node.value];
      return claim ? [link(claim.url, text(`${node.value}: ${claim.verdict}`))] : [node];
    },
    measured: ({ value }) => [text(parts(value).title ?? value)],
    scorecard,
    link(node, book) {
      const { title, target } = parts(node.url);
      const place = book.pages[target] ?? book.labels[target];
      if (!place) return [node];
      const shown = title ? [text(title)] : node.children ?? [text(place.title)];
      return [link(place.url, ...shown)];
    },
    crossReference(node, book, page) {
      const term = node.identifier.startsWith("term-") && book.terms[node.label];
      if (term) return [said(term, ...node.children)];
      const place = book.labels[node.label];
      if (!place || place.page === page) return [node];
      return [link(place.url, ...(node.children ?? [text(place.title)]))];
    },
    // Opened in one cell and closed in another; see `follow`.
    solution: ({ gate, ...node }) => (gate === "end" ? [] : [node]),
    exercise: (node, book) => [{ ...node, enumerator: book.exercises[node.label] }],
  };

  function mend(node, book, page) {
    if (!node.children) return;
    node.children = node.children.flatMap((child) => {
      const replace = replaced[child.name ?? child.type];
      return replace ? replace(child, book, page) : [child];
    });
    node.children.forEach((child) => mend(child, book, page));
  }

  // A solution is text, and code cells up to the next text: all fold together.
  function follow(notebook, cell) {
    const details = cell.node.querySelector("details.myst-exercise");
    const from = notebook.widgets.indexOf(cell) + 1;
    for (const code of notebook.widgets.slice(from)) {
      if (code.model.type !== "code") return;
      code.inputHidden = code.outputHidden = !details?.open;
      code.toggleClass("algollm-folded", code.inputHidden);
    }
  }

  const contexts = new WeakMap(); // of notebooks that are open, by what they share
  const pageOf = (cell) => {
    const context = contexts.get(cell.model.sharedModel.notebook);
    return context?.path.replace(/^.*\/|\.ipynb$/g, "");
  };
  const isSolution = (cell) =>
    cell.model.sharedModel.getSource().includes("{solution-start}");

  function opened(panel, context) {
    const notebook = panel.content;
    contexts.set(context.model.sharedModel, context);
    panel.node.addEventListener("toggle", ({ target }) => {
      const cell = notebook.widgets.find((c) => c.node.contains(target));
      if (cell && target.matches(".myst-exercise")) follow(notebook, cell);
    }, true);
    const factory = notebook.contentFactory;
    if (factory.knowsTheBook) return;
    factory.knowsTheBook = true;
    const create = factory.createMarkdownCell.bind(factory);
    factory.createMarkdownCell = (options) => {
      const cell = create(options);
      const parse = cell.updateFragmentMDAST.bind(cell);
      cell.updateFragmentMDAST = async () => {
        await parse();
        mend(cell.fragmentMDAST, await known, pageOf(cell));
        if (isSolution(cell)) follow(cell.parent, cell);
      };
      return cell;
    };
  }

  const plugin = {
    id: "algollm:reader",
    autoStart: true,
    activate: ({ docRegistry }) =>
      docRegistry.addWidgetExtension("Notebook", { createNew: opened }),
  };
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB.algollm = { init() {}, get: async () => () => plugin };
}
