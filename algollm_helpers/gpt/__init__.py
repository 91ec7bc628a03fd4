"""Text as documents and tokens, the model on the engine, its training, what to beat.

``documents`` reads and counts out, ``transformer`` computes logits and their gradient,
``training`` updates, ``sampling`` writes, ``ngrams`` counts what a model has to be
better than, and ``microgpt_scalar`` is the same model on single numbers.
"""

from algollm_helpers.gpt.documents import Tokenizer as Tokenizer
from algollm_helpers.gpt.documents import batch_tokens as batch_tokens
from algollm_helpers.gpt.documents import load_docs as load_docs
from algollm_helpers.gpt.training import Training as Training
from algollm_helpers.gpt.transformer import Config as Config
from algollm_helpers.gpt.transformer import Parameters as Parameters
from algollm_helpers.gpt.transformer import init_params as init_params
from algollm_helpers.gpt.transformer import loss_and_grad as loss_and_grad
