"""Arrays that write down what is done with them.

Chapter: ``chapters/microgpt.ipynb``. Code that is handed a `Recorded` array runs as
ever; afterwards each call of NumPy that it made stands in a list, with the arrays that
it read and the one that it wrote to. JAX comes to know a function in the same way [1]_.
`replay` makes the calls again.

References
----------
.. [1] R. Frostig, M. J. Johnson and C. Leary, "Compiling machine learning programs via
   high-level tracing", SysML (2018), mlsys.org/Conferences/doc/2018/146.pdf.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, NoReturn

import numpy as np

from algollm_helpers.arrays import Array

FEW = 64  # numbers; NumPy adds so few to an equal number faster than to a single one
DEFAULTS = {"dtype": None, "where": True}
VIEWS = {np.expand_dims, np.broadcast_to}  # functions that move no number


class Call(NamedTuple):
    """One call, ``function(*args)``; what it writes to is one of its arguments."""

    function: Callable[..., object]
    args: tuple[Any, ...]


class Departed(Exception):
    """The numbers ask for another way than the one that was recorded."""


class Recorded(np.ndarray[Any, Any]):
    """An array that adds what is done with it to a list of calls.

    What it can't write down it refuses with a TypeError: a method that makes an array
    without a ufunc, a number that leaves for Python, a choice that is not made through
    `decided`. What is computed from plain arrays alone it does not see; that is a
    constant of the recording.

    Attributes
    ----------
    calls : list of Call
        So far; shared by all arrays that were made from this one.
    checked : bool
        True of numbers that come from outside, and are checked there.
    """

    calls: list[Call]
    checked = False
    __array_priority__ = (
        1e6  # of a plain array and this one, the result is of this kind
    )

    def __array_finalize__(self, source: object) -> None:
        if isinstance(source, Recorded):
            self.calls = source.calls
            if self.base is None:  # memory of its own, which no call has filled
                raise TypeError("an array was made in a way that can't be recorded")

    def __array_ufunc__(
        self,
        ufunc: np.ufunc,
        method: str,
        *inputs: Any,
        out: tuple[Any, ...] = (None,),
        **options: Any,
    ) -> "Recorded":
        for name, default in DEFAULTS.items():  # which methods such as sum() pass on
            if name in options and options[name] is default:
                del options[name]
        if ufunc.nout != 1 or options.keys() - {"axis", "keepdims"}:
            raise TypeError(f"{ufunc.__name__} with {options} can't be recorded")
        args, place = [_plain(x) for x in inputs], _plain(out[0])
        if method == "__call__" and not options:
            found = ufunc(*args, out=place)
            place = np.asarray(found) if place is None else place
            if ufunc is not np.power:  # which has shorter ways for some numbers
                args = [_full(x, args, place) for x in args]
            function = _maximum if ufunc is np.maximum else ufunc
            return self._add(place, function, *args, place)
        if method == "reduce":
            axis, keep = options.get("axis", 0), options.get("keepdims", False)
            (x,) = args
            found = ufunc.reduce(x, axis=axis, out=place, keepdims=keep)
            place = np.asarray(found) if place is None else place
            return self._add(place, ufunc.reduce, x, axis, None, place, keep)
        raise TypeError(f"{ufunc.__name__}.{method} can't be recorded")

    def __array_function__(  # type: ignore[override]
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> Any:
        first, *others = map(_plain, args)
        if func is np.shape:
            return first.shape
        if func in VIEWS:
            return recorded(func(first, *others, **kwargs), self.calls)
        if func is np.empty_like:
            place = np.empty_like(first, subok=False, **kwargs)
            return recorded(place, self.calls)
        if func is np.zeros_like and not kwargs:
            place = np.zeros_like(first, subok=False)
            return self._add(place, np.ndarray.fill, place, 0)
        if func is np.dot and not kwargs:
            place = np.asarray(np.dot(first, *others))
            return self._add(place, _number, place, np.dot, first, *others)
        raise TypeError(f"{func.__name__} can't be recorded")

    def dot(self, other: Any, out: Any = None) -> "Recorded":  # type: ignore[override]
        """Multiply by `other` as ``ndarray.dot`` does."""
        x, y = _plain(self), _plain(other)
        place = np.asarray(x.dot(y, out=_plain(out)))
        return self._add(place, np.ndarray.dot, x, y, place)

    def take(  # type: ignore[override]
        self, indices: Any, axis: int | None = None
    ) -> "Recorded":
        """Take entries or rows as ``ndarray.take`` does."""
        x, ids = _plain(self), _plain(indices)
        place = x.take(ids, axis)
        # "wrap" finds the same for all that this found, and needs no second copy
        return self._add(place, np.ndarray.take, x, ids, axis, place, "wrap")

    def reshape(self, *shape: Any) -> "Recorded":  # type: ignore[override]
        """Return the same numbers in another shape, copied where that is needed."""
        x = _plain(self)
        place = x.reshape(*shape)
        if place.base is not None and np.may_share_memory(place, x):
            return recorded(place, self.calls)
        return self._add(place, np.copyto, place.reshape(x.shape), x)

    def copy(self, order: Any = "C") -> "Recorded":
        """Return a copy, which is made anew in each replay."""
        place = _plain(self).copy(order)
        return self._add(place, np.copyto, place, _plain(self))

    def __getitem__(self, key: Any) -> "Recorded":
        if isinstance(key, np.ndarray) and self.ndim == 1 and key.dtype.kind == "i":
            return self.take(key)
        view = _plain(self)[key]
        if not isinstance(view, np.ndarray):
            self._leaves()
        if view.size and not np.may_share_memory(view, _plain(self)):
            raise TypeError(f"numbers chosen by {key!r} can't be recorded")
        return recorded(view, self.calls)

    def __setitem__(self, key: Any, value: Any) -> None:
        place, x = _plain(self), _plain(value)
        if isinstance(key, np.ndarray) and self.ndim == 1 and key.dtype.kind == "i":
            place.put(_plain(key), x)
            self._add(place, np.ndarray.put, place, _plain(key), x)
        else:
            part = _plain(self[key])
            part[...] = x
            if isinstance(x, np.ndarray):
                self._add(part, np.copyto, part, x)
            else:
                self._add(part, np.ndarray.fill, part, x)

    def _leaves(self, *_args: object) -> NoReturn:
        raise TypeError("a number that leaves for Python can't be recorded")

    __bool__ = __float__ = __int__ = __index__ = __complex__ = item = tolist = _leaves
    sort = fill = put = partition = _leaves  # type: ignore[assignment]

    def _add(
        self, place: Array, function: Callable[..., object], *args: Any
    ) -> "Recorded":
        self.calls.append(Call(function, args))
        return recorded(place, self.calls)


def recorded(array: Array, calls: list[Call]) -> Recorded:
    """Return a view of `array`, of any shape, which adds to `calls`."""
    view = array.view(Recorded)
    view.calls = calls
    return view


def beside(array: Array, other: Array) -> Array:
    """Return `array`, as `Recorded` if `other` is; the shapes are any."""
    return recorded(array, other.calls) if isinstance(other, Recorded) else array


def decided(test: Callable[[Array], bool], array: Array) -> bool:
    """Return ``test(array)``, and hold a recording to it.

    Where a replay finds the other answer it raises `Departed`.
    """
    if not isinstance(array, Recorded):
        return test(array)
    answer = test(_plain(array))
    array.calls.append(Call(_hold, (test, _plain(array), answer)))
    return answer


def _hold(test: Callable[[Array], bool], array: Array, answer: bool) -> None:
    if test(array) is not answer:
        raise Departed


def _plain(x: Any) -> Any:
    return x.view(np.ndarray) if isinstance(x, Recorded) else x


def _full(x: Any, args: list[Any], place: Array) -> Any:
    """Return a number of Python's as the array that NumPy would make of it.

    Beside floats of `place`'s dtype it is one of them; with few it is spread out.
    """
    dtypes = {a.dtype for a in args if isinstance(a, np.ndarray)}
    if isinstance(x, (int, float)) and place.dtype.kind == "f":
        if dtypes == {place.dtype}:
            shape = place.shape if place.size <= FEW else ()
            return np.full(shape, x, place.dtype)
    return x


def _maximum(x: Array, y: Array, place: Array) -> None:
    np.maximum(x, y, out=place)  # a third argument without a name makes NumPy warn


def _number(place: Array, function: Callable[..., Any], x: Array, y: Array) -> None:
    place[()] = function(x, y)
