/* JupyterLab shows a chapter with jupyterlab-myst, which parses each text cell into a
   tree (MyST's AST). What it cannot know of this book is put into that tree before it
   is drawn: titles, citations, definitions, verdicts. They come from book.json, which
   tools/notebooks.py writes. There is no build step: this file is the container that
   JupyterLab loads an extension from. */
{
  const beside = document.currentScript.src;
  const asked = fetch(new URL("book.json", beside), { cache: "no-cache" });
  const known = asked.then((answer) => answer.json());
  for (const sheet of ["live/live.css", "reader.css"]) {
    const style = { rel: "stylesheet", href: new URL(sheet, beside) };
    document.head.append(Object.assign(document.createElement("link"), style));
  }

  const text = (value) => ({ type: "text", value });
  const said = (title, ...children) => ({ type: "abbreviation", title, children });
  const link = (url, ...children) => ({ type: "link", url, children, internal: true });
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

  function scorecard({ args }, book) {
    const cell = (...children) => ({ type: "tableCell", children });
    const row = (...children) => ({ type: "tableRow", children });
    const head = book.heads.map((word) => ({ ...cell(text(word)), header: true }));
    const body = Object.entries(book.claims)
      .filter(([, c]) => c.chapter === args)
      .map(([id, claim]) => row(
        cell(link(claim.url, text(id))),
        cell(text(claim.says)),
        cell(text(claim.headline)),
        cell(...claim.measured.map((line) => paragraph(text(line)))),
      ));
    return [{ type: "table", children: [row(...head), ...body] }];
  }

  // The live objects of the site, by the same scripts; see mount.js. A text that is
  // drawn anew gets the object that it had.
  const ASLEEP = "live-asleep";
  const awake = new WeakMap(); // by cell
  async function wake(place, cell) {
    place.classList.replace(ASLEEP, "live-here");
    place.dataset.lmSuppressShortcuts = true; // its keys are not JupyterLab's
    const [, name] = /object-(\w+)/.exec(place.className);
    const make = async () => {
      const [book, mount] = await Promise.all([known, import(new URL("live/mount.js", beside))]);
      const el = await mount.mounted(name, book.live[name], place);
      // They would make the cell take the focus for itself, or open its text.
      for (const kind of ["focusin", "mousedown", "dblclick"]) {
        el?.addEventListener(kind, (event) => event.stopPropagation());
      }
      el?.addEventListener("focusin", ({ target }) => (el.focused = target));
      el?.addEventListener("focusout", ({ relatedTarget }) => {
        if (relatedTarget) el.focused = null; // it was left, and not moved
      });
      return el;
    };
    if (!awake.has(cell)) awake.set(cell, make());
    const el = await awake.get(cell);
    if (!el) return;
    if (el.parentNode === place) return;
    place.append(el);
    place.classList.add("live-awake");
    // What is moved loses the focus, to nobody or to its cell.
    if ([document.body, cell.node].includes(document.activeElement)) {
      el.focused?.focus({ preventScroll: true });
    }
  }

  // JupyterLab shows the folder of the chapters, and nothing above it.
  const isAbove = (url) => url.startsWith("../");

  // By type of the node, or name of the role or directive: what takes its place.
  const replaced = {
    cite: (node, book) => cited([node], book),
    citeGroup: (node, book) => cited(node.children, book),
    claim(node, book) {
      const claim = book.claims[node.value];
      return claim ? [link(claim.url, text(`${node.value}: ${claim.verdict}`))] : [node];
    },
    measured: ({ value }) => [text(parts(value).title ?? value)],
    kills: ({ value }, book) => [text(book.kills[value] ?? value)],
    scorecard,
    citation: (_node, book) => [{ type: "code", lang: "bibtex", value: book.citation }],
    html(node) {
      const [, url, shown] = /^<a href="([^"]*)"[^>]*>(.*)<\/a>$/.exec(node.value) ?? [];
      return url && isAbove(url) ? [text(shown)] : [node];
    },
    // Until it is awake, what it is without its scripts; an explorer is a cell's here.
    live: ({ args, value }) => [{
      type: "div",
      class: `${ASLEEP} object-${args}`,
      children: value.includes("{explorer}") ? [] : [paragraph(text(value))],
    }],
    standings: () => [], // drawn and filtered on the site alone
    "scorecard-filter": () => [],
    glossary(_node, book) {
      const children = Object.entries(book.terms).flatMap(([term, said]) => [
        { type: "definitionTerm", children: [{ type: "strong", children: [text(term)] }] },
        { type: "definitionDescription", children: [text(said)] },
      ]);
      return [{ type: "definitionList", children }];
    },
    bibliography(_node, book) {
      const entries = Object.values(book.sources).map(({ full }) => full).sort();
      const item = (full) => ({ type: "listItem", children: [text(full)] });
      return [{ type: "list", children: entries.map(item) }];
    },
    link(node, book) {
      if (isAbove(node.urlSource ?? node.url)) return node.children;
      const { title, target } = parts(node.url);
      const place = book.pages[target] ?? book.labels[target];
      if (!place) return [node];
      const shown = title ? [text(title)] : node.children ?? [text(place.title)];
      return [link(place.url, ...shown)];
    },
    crossReference(node, book) {
      if (node.identifier?.startsWith("term-")) {
        const { title, target } = parts(node.label.replaceAll("\n", " "));
        const shown = title ? [text(title)] : node.children;
        if (target in book.terms) return [said(book.terms[target], ...shown)];
      }
      const place = book.labels[node.label];
      if (!place) return [node];
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

  const panels = new Set();
  // Not by `cell.parent`, which a cell that waits to be shown does not have.
  const panelOf = (cell) =>
    [...panels].find(({ content }) => content.widgets.includes(cell));
  const pageOf = (cell) =>
    panelOf(cell)?.context.path.replace(/^.*\/|\.ipynb$/g, "");

  // A solution is text, and code cells up to the next text: all fold together.
  const unfolded = new WeakSet(); // cells; a page that is drawn anew forgets them
  const solution = ".myst-exercise:is(details)";
  function follow(cell) {
    const details = cell.node.querySelector(solution);
    if (details) details.open = unfolded.has(cell);
    const widgets = panelOf(cell)?.content.widgets ?? [];
    for (const code of widgets.slice(widgets.indexOf(cell) + 1)) {
      if (code?.model.type !== "code") return;
      code.inputHidden = code.outputHidden = !unfolded.has(cell);
      code.toggleClass("algollm-folded", code.inputHidden);
    }
  }

  // A getter or setter, wherever in a chain of classes it is defined
  function accessor(object, name) {
    let owner = Object.getPrototypeOf(object);
    while (!Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
    return Object.getOwnPropertyDescriptor(owner, name);
  }

  // JupyterLab's toolbar asks a text cell for what it shows as soon as there is one;
  // jupyterlab-myst has that only when all is drawn.
  function showsNothingYet({ inputArea }) {
    const { get } = accessor(inputArea, "renderedInput");
    const nothing = { node: document.createElement("div") };
    Object.defineProperty(inputArea, "renderedInput", {
      get: () => get.call(inputArea) ?? nothing,
    });
  }

  const mended = new WeakSet();
  const isSolution = (cell) =>
    cell.model.sharedModel.getSource().includes("{solution-start}");

  function opened(panel) {
    const notebook = panel.content;
    panels.add(panel);
    panel.disposed.connect(() => panels.delete(panel));
    // While a notebook is loaded, its list of cells has holes.
    const around = (node) => notebook.widgets.find((c) => c?.node.contains(node));
    panel.node.addEventListener("click", ({ target }) => {
      const details = target.closest(solution);
      if (!details || !target.closest("summary") || target.closest("a")) return;
      const cell = around(details);
      unfolded[details.open ? "delete" : "add"](cell);
      requestAnimationFrame(() => follow(cell));
    });
    new MutationObserver((changes) => {
      const drawn = changes.filter(({ target }) => target.querySelector(solution));
      drawn.map(({ target }) => around(target)).filter(Boolean).forEach(follow);
      for (const place of panel.node.querySelectorAll(`.${ASLEEP}`)) {
        const cell = around(place);
        if (cell) wake(place, cell);
      }
    }).observe(panel.node, { childList: true, subtree: true });
    const factory = notebook.contentFactory;
    if (factory.knowsTheBook) return;
    factory.knowsTheBook = true;
    const create = factory.createMarkdownCell.bind(factory);
    factory.createMarkdownCell = (options) => {
      const cell = create(options);
      cell.ready.then(() => showsNothingYet(cell));
      const parse = cell.updateFragmentMDAST.bind(cell);
      const parsed = accessor(cell, "fragmentMDAST").get.bind(cell);
      let book;
      cell.updateFragmentMDAST = async () => {
        book = await known;
        await parse();
        if (isSolution(cell)) follow(cell);
      };
      // Whoever reads the tree is given the mended one.
      const get = () => {
        const tree = parsed();
        if (tree && !mended.has(tree)) mend(tree, book, pageOf(cell));
        if (tree) mended.add(tree);
        return tree;
      };
      Object.defineProperty(cell, "fragmentMDAST", { get });
      return cell;
    };
  }

  // The scorecard, the glossary and the bibliography are no notebooks.
  function previewed({ content: { renderer } }) {
    let book;
    const draw = renderer.renderModel.bind(renderer);
    renderer.renderModel = async (source) => {
      book = await known;
      await draw(source);
    };
    const { get, set } = accessor(renderer, "model");
    Object.defineProperty(renderer, "model", {
      get,
      set(model) {
        if (model) mend(model.mdast, book);
        set.call(this, model);
      },
    });
  }

  const plugin = {
    id: "algollm:reader",
    autoStart: true,
    activate({ docRegistry }) {
      docRegistry.addWidgetExtension("Notebook", { createNew: opened });
      docRegistry.addWidgetExtension("Markdown Preview", { createNew: previewed });
    },
  };
  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB.algollm = { init() {}, get: async () => () => plugin };
}
