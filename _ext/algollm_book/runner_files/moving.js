// Explorers and live figures whose frames Python draws when their reader asks for them.

/* global Explorers */

/** Let the controls of an explorer, or of a live figure, do what they say. */
export function wake(explorer, output) {
  if (explorer.matches(".live-figure")) wakeLive(explorer, output);
  else wakeFrames(explorer, output);
}

/** Ask Python, unless it has forgotten this figure. */
async function ask(output, line, task, wish) {
  if (output.element.hasAttribute("data-ended")) {
    line.textContent = output.text("gone");
    return "";
  }
  return output.cell.page.kernel.ask(task, wish, (told) => output.add(told)).catch(() => "");
}

function wakeFrames(explorer, output) {
  const name = explorer.id;
  const story = document.getElementById(`${name.replace(/-run-\d+$/, "")}-story`);
  explorer.querySelector(`#${name}-story`).textContent = output.cell.edited ? "" : story?.textContent ?? "";
  const numbers = explorer.querySelector(".explorer-numbers");
  const inside = (html) => new DOMParser().parseFromString(html, "text/html").body.firstElementChild;

  explorer.addEventListener("frame", async ({ detail: frame }) => {
    if (frame.dataset.frame === undefined) return;
    const drawn = await ask(output, numbers, "draw", { name, number: Number(frame.dataset.frame) });
    if (!drawn) return;
    const { ariaLabel, innerHTML } = inside(drawn);
    frame.setAttribute("aria-label", ariaLabel);
    frame.innerHTML = innerHTML;
    delete frame.dataset.frame;
    if (!frame.closest(".explorer-stack [hidden]")) numbers.textContent = ariaLabel;
  });

  const table = explorer.querySelector("details");
  table.addEventListener("toggle", async () => {
    const drawn = await ask(output, numbers, "tabulate", { name });
    if (!drawn) return;
    const full = inside(drawn).querySelector("table");
    full.tabIndex = 0; // it scrolls
    full.dataset.whole = ""; // for checks: no frame is left to draw
    table.querySelector("table").replaceWith(full);
  }, { once: true });
  Explorers.wake(explorer);
}

// One question at a time; of those asked meanwhile the last one counts.
function wakeLive(explorer, output) {
  const sliders = [...explorer.querySelectorAll("input")];
  const picture = explorer.querySelector("[role=img]");
  explorer.setAttribute("aria-label", output.text("figure"));
  let asking = false;
  let again = false;

  async function move() {
    again = asking;
    if (asking) return;
    asking = true;
    const values = sliders.map((slider) => slider.valueAsNumber);
    const drawn = await ask(output, sliders[0].nextElementSibling, "move", { name: explorer.id, values });
    if (drawn) picture.innerHTML = drawn;
    asking = false;
    if (again) await move();
  }

  function say() {
    const words = sliders.map((slider) => {
      slider.nextElementSibling.textContent = Number(slider.value).toPrecision(3).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
      return `${slider.previousElementSibling.textContent} = ${slider.nextElementSibling.textContent}`;
    });
    picture.setAttribute("aria-label", words.join("; "));
  }

  for (const slider of sliders) {
    slider.addEventListener("input", () => {
      say();
      move();
    });
  }
  say();
}
