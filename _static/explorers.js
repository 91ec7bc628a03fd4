// Joins the controls of an explorer to its frames. Everything they show is already
// in the page; without this script the frame at rest and the table remain.
const Explorers = (() => {
  function wake(explorer) {
    const at = (model) => explorer.querySelector(`[data-model="${model}"]`);
    const frames = [...explorer.querySelectorAll(".explorer-stack [role=img]")];
    const numbers = explorer.querySelector(".explorer-numbers");

    function say() {
      const shown = frames.find((frame) => !frame.closest(".explorer-stack [hidden]"));
      numbers.textContent = shown.getAttribute("aria-label");
      explorer.dispatchEvent(new CustomEvent("frame", { detail: shown }));
    }

    function move(control, index) {
      for (const model of control.dataset.moves.split(" ").filter(Boolean)) {
        const target = at(model);
        if (target.matches(".explorer-stack")) {
          [...target.children].forEach((frame, i) => (frame.hidden = i !== index));
          say();
        } else {
          target.value = index; // Play moves a slider
          target.dispatchEvent(new Event("input"));
        }
      }
    }

    explorer.querySelectorAll("input[type=range]").forEach((slider) => {
      const labels = JSON.parse(slider.dataset.labels);
      slider.addEventListener("input", () => {
        const label = labels[slider.valueAsNumber];
        slider.setAttribute("aria-valuetext", label);
        slider.parentElement.querySelector("output").textContent = label;
        move(slider, slider.valueAsNumber);
      });
    });

    explorer.querySelectorAll("fieldset").forEach((buttons) => {
      buttons.addEventListener("change", (event) => move(buttons, Number(event.target.value)));
    });

    explorer.querySelectorAll(".explorer-play").forEach((button) => {
      const slider = at(button.dataset.moves);
      let timer = null;
      const stop = () => {
        clearInterval(timer);
        timer = null;
        numbers.setAttribute("aria-live", "polite");
        button.textContent = button.dataset.play;
      };
      const next = () => {
        if (slider.valueAsNumber >= Number(slider.max)) return stop();
        move(button, slider.valueAsNumber + 1);
      };
      button.addEventListener("click", () => {
        if (timer !== null) return stop();
        numbers.setAttribute("aria-live", "off"); // too fast to be read out
        if (slider.valueAsNumber >= Number(slider.max)) move(button, 0);
        timer = setInterval(next, Number(button.dataset.interval));
        button.textContent = button.dataset.pause;
      });
      slider.addEventListener("pointerdown", stop);
      slider.addEventListener("keydown", stop);
    });

    explorer.querySelectorAll("details table").forEach((table) => (table.tabIndex = 0)); // it scrolls
    explorer.querySelectorAll(".explorer-controls").forEach((bar) => (bar.hidden = false));
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".explorer").forEach(wake));
  return { wake };
})();
