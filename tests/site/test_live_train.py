"""The live object "train" against algollm_helpers.gpt, and in the hand."""

import math

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from algollm_helpers import microgpt
from algollm_helpers.gpt import ngrams
from algollm_helpers.gpt.documents import load_docs
from tests.support.browser import PHONE, opened
from tests.support.jobs import until

pytestmark = pytest.mark.browser

NEAR = 1e-9  # another order of a sum, another exp
SIZES = {"width": 16, "heads": 4, "block": 16}
TRAIN = ".live[data-object=train]"


# --- The mathematics, in a browser --------------------------------------------


@pytest.fixture(scope="module")
def page(context):
    """Open a page on a phone and wake its object, for all tests of this module."""
    usual = context(color_scheme="light", reduced_motion="reduce")
    page = opened(usual, "chapters/microgpt.html", PHONE)
    awaken(page)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    yield page
    assert page.troubles == []
    page.close()


def waited(page, condition):
    """Wait until a condition holds: not by polling in the page, which is an eval."""
    until(lambda: page.evaluate(condition))


def awaken(page):
    page.locator(TRAIN).scroll_into_view_if_needed()
    waited(page, "Boolean(window.algollm?.live?.train)")


@pytest.fixture
def train(page):
    """Return the object, as it stands after Reset; as it does when a test is over."""
    page.evaluate("algollm.live.train.reset()")
    yield page.locator(f"{TRAIN} .live-object")
    page.evaluate("algollm.live.train.reset()")


def state(page):
    return page.evaluate("algollm.live.train.state()")


def run(page, steps):
    return page.evaluate(f"algollm.live.train.run({steps})")


def test_all_losses_are_those_of_the_helper_and_the_page_says_how_near(page, train):
    assert not [url for url in page.asked if url.endswith(".json")]
    ran = run(page, 1000)
    losses = microgpt.train(load_docs(), seed=42).losses
    gap = np.abs(np.array(ran["losses"]) - losses).max()
    assert gap == ran["difference"] <= NEAR
    assert ran["step"] == 1000
    assert ran["seconds"] > 0
    assert ran["mean"] == pytest.approx(losses[-50:].mean(), rel=NEAR)
    shown = train.inner_text()
    digits, power = f"{gap:.1e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    assert f"{digits} × 10{raised}" in shown
    assert f"{losses[-50:].mean():.2f} on average" in shown
    assert f"1,000 steps in {ran['seconds']:.2f} s" in shown
    assert [url for url in page.asked if url.endswith(".json")]


def test_a_run_in_pieces_is_the_run_in_one(page, train):
    pieces = [1, 0, 7, 43, 200]
    for steps in pieces:
        ran = run(page, steps)
    assert ran["step"] == sum(pieces)
    assert ran["difference"] <= NEAR
    assert len(ran["losses"]) == sum(pieces)


def case(rng, edge):
    """Return a vocabulary, parameters and a text, drawn at random."""
    V = int(rng.choice([2, 3, 40])) if edge else int(rng.integers(2, 60))
    T = int(rng.choice([1, 16])) if edge else int(rng.integers(1, 17))
    size = microgpt.Config().size(V)
    flat = rng.normal(0, rng.choice([0.02, 0.08, 0.5]), size)
    return V, flat, rng.integers(0, V, T + 1)


def differentiated(page, V, flat, token_ids, faults):
    """Return the loss and the gradient that the page's model finds."""
    return page.evaluate(
        """async ({ sizes, flat, tokens, faults, at }) => {
          const { Gpt } = await import(at);
          const gpt = new Gpt(Float64Array.from(flat), sizes);
          const loss = gpt.differentiate(tokens, faults);
          return { loss, grad: [...gpt.grad] };
        }""",
        {
            "sizes": SIZES | {"vocab": V},
            "flat": flat.tolist(),
            "tokens": token_ids.tolist(),
            "faults": faults,
            "at": "/_static/live/gpt.js",
        },
    )


def trials(page, rng, faults):
    """Yield random models and texts, edges first, with what the page finds of each."""
    for trial in range(20):
        V, flat, token_ids = case(rng, edge=trial < 6)
        read = token_ids[:-1]
        targets = read if faults["unshifted"] else token_ids[1:]
        yield V, flat, read, targets, differentiated(page, V, flat, token_ids, faults)


def loss_without_mask(flat, V, token_ids, targets):
    """Return the loss of a model that sees all letters, by the chapter's formulas.

    Of complex parameters, too: the imaginary part of the result is then a slope.
    """
    shapes = microgpt.Config().shapes(V).values()
    ends = np.cumsum([m * n for m, n in shapes])[:-1]
    parts = zip(np.split(flat, ends), shapes, strict=True)
    wte, wpe, head, wq, wk, wv, wo, fc1, fc2 = (p.reshape(s) for p, s in parts)

    def norm(x):
        return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5)

    def share(z):
        e = np.exp(z - z.real.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    x = norm(wte[token_ids] + wpe[: len(token_ids)])
    q, k, v = (np.split(norm(x) @ w.T, 4, axis=1) for w in (wq, wk, wv))
    read = [share(q[h] @ k[h].T / 2) @ v[h] for h in range(4)]
    x = x + np.hstack(read) @ wo.T
    h = norm(x) @ fc1.T
    x = x + np.where(h.real > 0, h, 0) @ fc2.T
    p = share(x @ head.T)[np.arange(len(targets)), targets]
    return -np.log(p).mean()


@pytest.mark.parametrize("unshifted", [False, True])
def test_loss_and_gradient_are_those_of_the_helper(page, unshifted):
    rng = np.random.default_rng(0)
    faults = {"unshifted": unshifted, "unmasked": False}
    for V, flat, read, targets, found in trials(page, rng, faults):
        params = microgpt.Parameters(flat, microgpt.Config(), V)
        loss, grad = microgpt.loss_and_grad(params, microgpt.Config(), read, targets)
        assert found["loss"] == pytest.approx(loss, rel=NEAR)
        gap = np.abs(np.array(found["grad"]) - grad).max()
        assert gap <= NEAR * max(1, np.abs(grad).max()), (V, len(read))


@pytest.mark.parametrize("unshifted", [False, True])
def test_without_a_mask_loss_and_gradient_follow_the_chapters_formulas(page, unshifted):
    rng = np.random.default_rng(1)
    faults = {"unshifted": unshifted, "unmasked": True}
    for V, flat, read, targets, found in trials(page, rng, faults):
        along = rng.normal(size=flat.size)
        moved = loss_without_mask(flat + 1e-30j * along, V, read, targets)
        assert found["loss"] == pytest.approx(moved.real, rel=NEAR)
        slope = np.dot(found["grad"], along)
        assert slope == pytest.approx(moved.imag / 1e-30, rel=NEAR, abs=NEAR)


def test_letters_are_drawn_with_the_probabilities_of_the_helper(page):
    rng = np.random.default_rng(2)
    V, draws = 9, 4000
    flat = rng.normal(0, 0.3, microgpt.Config().size(V))
    run = microgpt.Run(
        np.empty(0),
        microgpt.Parameters(flat, microgpt.Config(), V),
        microgpt.Config(),
        microgpt.Tokenizer("abcdefgh"),
    )
    for temperature in (0.5, 1.0, 2.0):
        first = page.evaluate(
            """async ({ sizes, flat, wish, draws }) => {
              const { Gpt } = await import("/_static/live/gpt.js");
              const { written } = await import("/_static/live/writing.js");
              const gpt = new Gpt(Float64Array.from(flat), sizes);
              const end = sizes.vocab - 1;
              return written(gpt, draws, wish).map((tokens) => tokens[0] ?? end);
            }""",
            {
                "sizes": SIZES | {"vocab": V},
                "flat": flat.tolist(),
                "wish": {"temperature": temperature, "seed": 5},
                "draws": draws,
            },
        )
        p = microgpt.read(run, "").probabilities[0] ** (1 / temperature)
        p /= p.sum()
        share = np.bincount(first, minlength=V) / draws
        error = np.sqrt(p * (1 - p) / draws)
        assert np.all(np.abs(share - p) < 4.5 * error)


def test_random_numbers_of_the_page_obey_their_laws(page):
    found = page.evaluate("""async () => {
      const { uniform, normal, shuffled } = await import("/_static/live/random.js");
      const draw = uniform(7);
      const order = () => shuffled([0, 1, 2], draw).join("");
      return {
        even: Array.from({ length: 20000 }, draw),
        bell: [...normal(20000, 0.08, draw)],
        orders: Array.from({ length: 6000 }, order),
        again: Array.from({ length: 5 }, uniform(7)),
        other: Array.from({ length: 5 }, uniform(8)),
      };
    }""")
    even, bell = np.array(found["even"]), np.array(found["bell"])
    assert 0 <= even.min() < even.max() < 1
    assert abs(even.mean() - 1 / 2) < 4 * math.sqrt(1 / 12 / even.size)
    assert abs(np.corrcoef(even[1:], even[:-1])[0, 1]) < 4 / math.sqrt(even.size)
    assert abs(bell.mean()) < 4 * 0.08 / math.sqrt(bell.size)
    assert abs((bell**2).mean() / 0.08**2 - 1) < 4 * math.sqrt(2 / bell.size)
    _, counts = np.unique(found["orders"], return_counts=True)
    assert len(counts) == 6
    assert np.all(np.abs(counts - 1000) < 4 * math.sqrt(1000 * 5 / 6))
    assert found["again"] == found["even"][:5] != found["other"]


# --- In the hand --------------------------------------------------------------


def test_train_pause_step_and_reset(page, train):
    train.get_by_label("5 a second", exact=True).check()
    train.get_by_role("button", name="Train").focus()
    page.keyboard.press("Enter")
    waited(page, "algollm.live.train.state().step >= 2")
    train.get_by_role("button", name="Pause").click()
    waited(page, "!algollm.live.train.state().running")
    page.evaluate("algollm.live.train.run(0)")  # whatever was on its way has come
    before = state(page)["step"]
    train.get_by_role("button", name="One step").click()
    waited(page, f"algollm.live.train.state().step === {before + 1}")
    waited(page, "algollm.live.train.state().samples.length === 6")
    assert state(page)["difference"] <= NEAR
    assert f"Step {before + 1} of 1,000" in train.inner_text()
    train.get_by_role("button", name="Reset").click()
    assert state(page)["step"] == 0
    assert state(page)["losses"] == []


def test_as_fast_as_it_goes_runs_to_the_end_and_stops(page, train):
    train.get_by_label("as fast as it goes").check()
    train.get_by_role("button", name="Train").click()
    waited(page, "algollm.live.train.state().step === 1000")
    waited(page, "!algollm.live.train.state().running")
    assert state(page)["difference"] <= NEAR
    assert "1,000 of 1,000" in train.locator("[role=status]").first.inner_text()
    assert run(page, 5)["step"] == 1000


def test_a_page_that_nobody_sees_does_not_train(page, train):
    train.get_by_label("5 a second", exact=True).check()
    train.get_by_role("button", name="Train").click()
    waited(page, "algollm.live.train.state().step >= 1")
    page.evaluate("""() => {
      Object.defineProperty(document, "hidden", { value: true, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
      delete document.hidden;
    }""")
    waited(page, "!algollm.live.train.state().running")


@pytest.mark.parametrize("fault", ["Forget to shift", "Forget the mask"])
def test_a_fault_sinks_the_loss_through_the_floor_and_the_page_says_why(
    page, train, fault
):
    train.locator("details").evaluate("e => (e.open = true)")
    train.get_by_label(fault).check()
    ran = run(page, 1000)
    assert ran["mean"] < ran["levels"]["floor"] / 2
    assert ran["difference"] is None
    seen = train.locator(".live-faults p:visible")
    assert seen.count() == 1
    assert "floor" in seen.inner_text()
    train.get_by_role("button", name="Reset").click()
    assert not train.get_by_label(fault).is_checked()
    assert seen.count() == 0


def test_another_seed_is_another_run_and_the_same_one_again(page, train):
    train.locator("details").evaluate("e => (e.open = true)")
    runs = []
    for seed in ("7", "8", "7"):
        train.get_by_label("seed").fill(seed)
        train.get_by_label("seed").press("Tab")
        runs.append(run(page, 30))
    assert runs[0]["losses"] == runs[2]["losses"] != runs[1]["losses"]
    assert runs[0]["samples"] == runs[2]["samples"]
    assert runs[0]["difference"] is None
    assert abs(runs[0]["losses"][0] - math.log(27)) < 0.3


def test_a_rate_that_is_moved_makes_it_another_run(page, train):
    train.locator("details").evaluate("e => (e.open = true)")
    rate = train.get_by_label("learning rate")
    assert rate.get_attribute("aria-valuetext") == "0.01"
    rate.focus()
    page.keyboard.press("ArrowRight")
    assert rate.get_attribute("aria-valuetext") == "0.013"
    assert state(page)["rate"] == 0.013
    assert run(page, 3)["difference"] is None


def offer(train, text):
    train.locator("details").evaluate("e => (e.open = true)")
    train.locator("textarea").fill(text)
    train.get_by_role("button", name="Use this list").click()


def test_a_list_of_ones_own_has_its_letters_and_its_floor(page, train):
    names = ["Zoë", "anna", "李小龙", "anna", "O'Neil", "a" * 20]
    offer(train, "\n".join(["", *names, "  "]))
    said = train.locator(".live-said").inner_text()
    assert "6 names" in said
    assert "1 have more than 15 letters" in said
    ran = run(page, 300)
    alphabet = set("".join(names))
    floor = ngrams.memorisation_floor(names).per_document
    assert ran["names"] == 6
    assert ran["vocab"] == len(alphabet) + 1
    assert ran["parameters"] == microgpt.Config().size(len(alphabet) + 1)
    assert ran["levels"] == pytest.approx(
        {"uniform": math.log(len(alphabet) + 1), "floor": floor}, rel=NEAR
    )
    assert set("".join(ran["samples"])) <= alphabet
    assert ran["mean"] < ran["losses"][0] / 2
    assert not [url for url in page.asked if not url.startswith("http://127.0.0.1:")]
    train.get_by_role("button", name="Use the book's list").click()
    assert run(page, 2)["difference"] <= NEAR


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("anna\n\nR2D2\n", "Line 3, “R2D2”: “2” is not a letter"),
        ("anna\n", "The list has 1 names. Expected at least 2"),
        ("\n \n", "The list has 0 names"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_with_what_is_wrong(
    page, train, text, message
):
    run(page, 3)
    offer(train, text)
    assert message in train.locator(".live-said").inner_text()
    assert state(page)["step"] == 3  # the run goes on


@pytest.mark.parametrize(
    ("names", "refused"),
    [
        (["ab"] * 10_000, None),
        (["ab"] * 10_001, ["tooMany", {"count": 10_001, "most": 10_000}]),
        ([chr(0x4E00 + i) for i in range(3000)], None),
        (
            [chr(0x4E00 + i) for i in range(3001)],
            ["tooManyLetters", {"count": 3001, "most": 3000}],
        ),
    ],
)
def test_a_list_has_bounds(page, names, refused):
    found = page.evaluate(
        """async (text) => {
          const { namesIn } = await import("/_static/live/names.js");
          try {
            return namesIn(text).length;
          } catch ({ word, values }) {
            return [word, values];
          }
        }""",
        "\n".join(names),
    )
    assert found == (refused or len(names))


@pytest.mark.parametrize("text", ["", "-1", "1.5", "seven", "1000000000"])
def test_a_seed_that_is_none_is_refused(page, train, text):
    train.locator("details").evaluate("e => (e.open = true)")
    train.get_by_label("seed").fill(text)
    train.get_by_label("seed").press("Tab")
    assert f"“{text}” is not a seed" in train.locator(".live-said").inner_text()
    assert state(page)["seed"] == 42


@pytest.mark.parametrize("steps", [-1, 0.5, '"3"', "NaN"])
def test_a_number_of_steps_that_is_none_is_refused(page, train, steps):
    said = page.evaluate(f"algollm.live.train.run({steps}).catch(String)")
    assert said.startswith("RangeError: steps must be a whole number >= 0, got ")


def test_at_the_largest_rate_losses_grow_and_stay_numbers(page, train):
    train.locator("details").evaluate("e => (e.open = true)")
    train.get_by_label("learning rate").fill("0")  # a rate of 1
    ran = run(page, 1000)
    assert np.isfinite(ran["losses"]).all()
    assert max(ran["losses"]) > 100
    assert len(ran["samples"]) == 6


def test_an_object_in_use_is_accessible_in_both_schemes(page, train):
    run(page, 60)
    offer(train, "R2D2")
    train.get_by_label("Forget the mask").check()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_selector(f"html[data-theme={scheme}]")
        options = {"resultTypes": ["violations"], "preload": False}
        found = Axe().run(page, context=TRAIN, options=options).response
        assert [v["id"] for v in found["violations"]] == []
    page.emulate_media(color_scheme="light")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_on_paper_stands_the_still_form(page, train):
    page.emulate_media(media="print")
    still = page.locator(f"{TRAIN} .live-still")
    assert still.is_visible()
    assert not train.is_visible()
    page.emulate_media(media="screen")
    assert not still.is_visible()
