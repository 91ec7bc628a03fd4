"""Arrays that know how to differentiate, and the operations of a transformer.

Chapter 4 builds the method on single numbers; this is the same method on arrays. What
can be done with a `Tensor`, and what each operation hands back, given g, the
derivative of the root with respect to its result y. Σ and mean run along the last
axis; an operand that was repeated receives the sum over its repetitions:

==================================  ===============================================
in ``tensor``
``a + b``  ``a - b``                g to a; ±g to b
``a * b``                           g b to a; g a to b
``a / b``                           g / b to a; −g y / b to b
``x ** power``                      g power x^(power − 1)
``a @ b``                           g bᵀ to a; aᵀ g to b
``x.exp()``  ``x.log()``            g y; g / x
``x.tanh()``  ``x.relu()``          g (1 − y²); g where x > 0, else 0
``x.sum()``  ``x.mean()``           g to each of the n numbers; g / n to each
``x.reshape()``  ``x.transpose()``  g, put back into the shape of x
in ``layers``
``linear(x, w)``                    g w to x; gᵀ x to w
``embedding(table, ids)``           to each row the sum of g where it was used
``first_rows(table, n)``            g to the first n rows, 0 to the others
``softmax(x)``                      y (g − Σ g y)
``log_softmax(x)``                  g − exp(y) Σ g
``cross_entropy(z, ids)``           g share (softmax(z) − one-hot(ids)) row by row
``rms_norm(x)``                     scale (g − y mean(g y)), where y = scale x
``causal_attention(qkv)``           s k / √D to q; sᵀ q / √D to k; wᵀ g to v, where
                                    w are the weights, s = w (g vᵀ − Σ w g vᵀ)
==================================  ===============================================

``blocks`` joins several of ``layers`` in one operation each; ``recompute`` forgets what
lies between and computes it again; ``recorded`` and ``replay`` write down the calls of
a step and make them again. ``tape`` has the sweep, ``interop`` what is not
differentiated; ``memory`` and ``lookup`` keep arrays for the next step, up to a cap,
until ``memory.forget()``.
"""

from algollm_helpers.engine.layers import causal_attention as causal_attention
from algollm_helpers.engine.layers import cross_entropy as cross_entropy
from algollm_helpers.engine.layers import embedding as embedding
from algollm_helpers.engine.layers import linear as linear
from algollm_helpers.engine.layers import log_softmax as log_softmax
from algollm_helpers.engine.layers import rms_norm as rms_norm
from algollm_helpers.engine.layers import softmax as softmax
from algollm_helpers.engine.recompute import recomputed as recomputed
from algollm_helpers.engine.tensor import Tensor as Tensor
