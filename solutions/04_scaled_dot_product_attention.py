# %% setup="04_scaled_dot_product_attention"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # Scaled dot-product attention
#
# You build attention three times: one vector at a time, with matrices, and in TensorFlow. Each function is a few lines.
# Read the chapter's page first; the name in italics after each task is the section that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 Queries, keys and values | easy | 5 | 3 |
# | 2 Softmax of a list | easy | 5 | 1 |
# | 3 Outputs, one at a time | medium | 10 | 3 |
# | 4 Softmax of each column | easy | 5 | 1 |
# | 5 Self-attention with matrices | medium | 10 | 2 |
# | 6 Self-attention with scaled scores | easy | 5 | 2 |
# | 7 In your own words: why divide? | medium | 5 | 2 |
# | 8 Scaled dot-product attention | medium | 10 | 4 |
# | 9 A class for self-attention | easy | 5 | 2 |
# | 10 Cross-attention | easy | 5 | 2 |
# | 11 In your own words: a sum of what? | medium | 5 | 2 |
# | 12 Find the bug: a switch without effect | easy | 5 | 1 |
# | 13 One product for query, key and value | easy | 5 | 3 |
# | 14 Scaled dot-product attention in TensorFlow | medium | 5 | 2 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step; `hint("softmax")`, with
# the name that stands in the check, shows the next one too. Tasks 7 and 11 are answered in words and graded by a
# person. The checks and the cells that set things up are locked, and those that need not be read are folded; every
# other cell is yours to play with.

# %% locked="libraries"
import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}

# %% [markdown]
# ## Part A: columns
#
# In this part every vector is a **column**, an array of shape $(D, 1)$, and a set of $N$ vectors is a list, or a matrix
# $(D, N)$. There are $N = 3$ inputs of length $D = 4$. Each input will ask a question (its *query*), say what it can be
# asked about (its *key*), and carry something to pass on (its *value*). Tasks 1, 3, 5 and 6 are checked on these inputs
# first, and then on others, of other sizes.

# %% locked="data"
N = 3  # number of inputs
D = 4  # length of each input

np.random.seed(3)
all_x = [np.random.normal(size=(D, 1)) for _ in range(N)]

np.random.seed(0)
omega_q, omega_k, omega_v = (np.random.normal(size=(D, D)) for _ in range(3))
beta_q, beta_k, beta_v = (np.random.normal(size=(D, 1)) for _ in range(3))
X = np.hstack(all_x)  # (D, N): the same inputs side by side

# %% [markdown]
# ### Task 1: Queries, keys and values
#
# Each input $\mathbf{x}$ becomes a query $\boldsymbol\Omega_q \mathbf{x} + \boldsymbol\beta_q$, a key
# $\boldsymbol\Omega_k \mathbf{x} + \boldsymbol\beta_k$ and a value
# $\boldsymbol\Omega_v \mathbf{x} + \boldsymbol\beta_v$.
#
# *One query by hand*


# %% solution="queries_keys_values"
def compute_queries_keys_values(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    """Return three lists: the queries, the keys and the values of all inputs.

    all_x: list of columns (D, 1); each omega is (D, D), each beta (D, 1). The lists hold columns (D, 1).
    """
    all_queries = []
    all_keys = []
    all_values = []
    for x in all_x:
        # TODO: compute the query, the key and the value of x, each a column (D, 1).
        ### BEGIN SOLUTION
        query = omega_q @ x + beta_q
        key = omega_k @ x + beta_k
        value = omega_v @ x + beta_v
        ### END SOLUTION
        all_queries.append(query)
        all_keys.append(key)
        all_values.append(value)
    return all_queries, all_keys, all_values


# %% check="queries_keys_values"
def answer(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):  # the check hands all_x over as one array
    return compute_queries_keys_values(list(all_x), omega_q, omega_k, omega_v, beta_q, beta_k, beta_v)


check("queries_keys_values", answer)

# %% [markdown]
# ### Task 2: Softmax of a list
#
# The softmax turns any numbers into weights: positive, and summing to one. Here it receives a list of numbers, or a
# list of $(1, 1)$ arrays, which is what a product of a row and a column gives.
#
# *One query by hand*


# %% solution="softmax"
def softmax(items_in):
    """Return an array with the softmax of a list of numbers or of (1, 1) arrays: one weight for each item."""
    # TODO: take the exponential of every item and divide by the sum over all items.
    # (Subtracting the largest item first is allowed and changes nothing here.)
    ### BEGIN SOLUTION
    exps = np.exp(items_in)
    items_out = exps / np.sum(exps)
    ### END SOLUTION
    return items_out


# %% check="softmax"
def answer(items_in):  # the array becomes a list of numbers or of (1, 1) arrays
    return softmax(list(items_in))


check("softmax", answer)

# %% [markdown]
# ### Task 3: Outputs, one at a time
#
# Output $n$ is a weighted sum of all values. The weights come from query $n$: its dot products with all keys, through
# the softmax. Nothing is scaled yet.
#
# *One query by hand*


# %% solution="x_prime"
def compute_x_primes(all_queries, all_keys, all_values):
    """Return the list of all outputs x'_n, each a column (D, 1).

    all_queries, all_keys, all_values: lists of N columns (D, 1).
    """
    all_x_prime = []
    for n in range(len(all_queries)):
        # TODO: collect in all_km_qn the dot product of query n with every key, one number (or (1, 1) array) a key.
        ### BEGIN SOLUTION
        all_km_qn = [key.T @ all_queries[n] for key in all_keys]
        ### END SOLUTION
        attention = softmax(all_km_qn)
        # TODO: add up all values (there are three in every check, but a loop takes any number), each times its
        # entry of attention; the sum is a column (D, 1).
        ### BEGIN SOLUTION
        x_prime = sum(attention[m] * all_values[m] for m in range(len(all_values)))
        ### END SOLUTION
        all_x_prime.append(x_prime)
    return all_x_prime


# %% check="x_prime"
def answer(all_queries, all_keys, all_values):  # the arrays (N, D, 1) become lists of columns (D, 1)
    return compute_x_primes(list(all_queries), list(all_keys), list(all_values))


check("x_prime", answer)

# %% [markdown]
# Your function on the three inputs above, beside the numbers it should give:


# %% locked="expected_outputs" folded=true
EXPECTED = np.array(
    [
        [0.94744244, -0.24348429, -0.91310441, -0.44522983],
        [1.64201168, -0.08470004, 4.02764044, 2.18690791],
        [1.61949281, -0.06641533, 3.96863308, 2.15858316],
    ]
)
EXPECTED_SCALED = np.array(
    [
        [0.97411966, -0.23738409, -0.72333202, -0.34413007],
        [1.59622051, -0.09516106, 3.70194096, 2.01339538],
        [1.32638014, 0.13062402, 3.02371664, 1.69024190],
    ]
)


def compare(what, yours, expected):
    """Print your numbers above the expected ones, and whether they agree to four digits; rows may be columns."""
    yours, expected = np.asarray(yours, float).squeeze(), np.asarray(expected, float)
    yours = yours.T if yours.shape == expected.shape[::-1] else yours
    agree = yours.shape == expected.shape and np.allclose(yours, expected, rtol=1e-4, atol=1e-5)
    print(f"{what}: {'they agree' if agree else 'they differ'}")
    for name, numbers in (("yours   ", yours), ("expected", expected)):
        text = np.array2string(np.atleast_2d(numbers), precision=4, suppress_small=True, prefix="  yours    ")
        print(f"  {name} {text}")


# %%
all_queries, all_keys, all_values = compute_queries_keys_values(
    all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v
)
compare("x', unscaled", compute_x_primes(all_queries, all_keys, all_values), EXPECTED)

# %% [markdown]
# ### Task 4: Softmax of each column
#
# Loops are slow. With the $N$ inputs in the columns of one matrix $X$, $(D, N)$, all scores fit into one $N \times N$
# matrix with one column for each query. Then each *column* is a softmax of its own.
#
# The exponentials are there already, here and in task 8: you have written softmaxes enough.
#
# *Rows instead of columns*


# %% solution="softmax_cols"
def softmax_cols(data_in):
    """Return the softmax of each column of a matrix.

    The shape stays as it is, (rows, columns), and need not be square.
    """
    exp_values = np.exp(data_in)
    # TODO: divide the exponentials by their sum, each column for itself, and give the result this name: weights.
    ### BEGIN SOLUTION
    weights = exp_values / np.sum(exp_values, axis=0, keepdims=True)
    ### END SOLUTION
    return weights


# %% check="softmax_cols"
check("softmax_cols", softmax_cols)

# %% [markdown]
# ### Task 5: Self-attention with matrices
#
# The four steps of tasks 1 to 3 for all inputs at once. Mind the order of the arguments: the parameters of the values
# come first. Leave the argument list as it is, because later cells call the function by position.
#
# *Rows instead of columns*


# %% solution="self_attention"
def self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    """Return X', the outputs in the columns of a matrix (D, N).

    X: inputs in columns, (D, N); each omega is (D, D), each beta (D, 1).
    """
    # TODO: 1. queries, keys and values, (D, N); 2. all dot products, (N, N), one column for each query;
    # 3. softmax_cols; 4. the values weighted by each column. Do not scale the dot products yet.
    ### BEGIN SOLUTION
    queries = omega_q @ X + beta_q
    keys = omega_k @ X + beta_k
    values = omega_v @ X + beta_v
    all_km_qn = keys.T @ queries  # (N, N): row m, column n
    attention = softmax_cols(all_km_qn)
    return values @ attention
    ### END SOLUTION


# %% check="self_attention"
check("self_attention", self_attention)

# %%
X_prime = self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k)
compare("x', unscaled", X_prime.T, EXPECTED)

# %% [markdown]
# One mistake cannot show here, nor in the next task: a key bias that is left out. It adds the same number to all the
# scores of one query, and the softmax cancels it (question 3 of the page).
#
# Now look at the weights. The next cell calls your function with other values, unit vectors, so that the output *is*
# the matrix of weights. Column $n$ belongs to output $n$.


# %% locked="weights_of"
def weights_of(function):
    """Return the weights (N, N) that a function uses: with unit vectors as values they are its output."""
    to_unit_vectors = np.vstack([np.linalg.pinv(X), np.zeros((D - N, D))])  # (D, D), times X: the first N unit vectors
    output = function(X, to_unit_vectors, omega_q, omega_k, np.zeros((D, 1)), beta_q, beta_k)
    return output[:N] if output.shape == (D, N) else output.T[:N]


# %%
print(weights_of(self_attention).round(4))

# %% [markdown]
# They are extreme: for every output one weight is close to 1. Nearly everything comes from a single input, and small
# changes of the scores change next to nothing, so there is little to learn from.

# %% [markdown]
# ### Task 6: Self-attention with scaled scores
#
# Divide the dot products by the square root of the length of a query before the softmax.
#
# *What the scale changes*


# %% solution="scaled_self_attention"
def scaled_dot_product_self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    """Return X', the outputs in the columns of a matrix (D, N).

    X: inputs in columns, (D, N); each omega is (D, D), each beta (D, 1).
    """
    # TODO: as self_attention, but with the dot products divided by the square root of the length of a query.
    # Take that length from a shape: the check uses other sizes than D = 4.
    ### BEGIN SOLUTION
    queries = omega_q @ X + beta_q
    keys = omega_k @ X + beta_k
    values = omega_v @ X + beta_v
    all_km_qn = keys.T @ queries / np.sqrt(queries.shape[0])  # (N, N)
    return values @ softmax_cols(all_km_qn)
    ### END SOLUTION


# %% check="scaled_self_attention"
check("scaled_self_attention", scaled_dot_product_self_attention)

# %%
X_prime_scaled = scaled_dot_product_self_attention(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k)
compare("x', scaled", X_prime_scaled.T, EXPECTED_SCALED)


# %% locked="picture" folded=true
def show_weights(titled_weights, queries, keys):
    """Draw matrices of weights (T_q, T_k) side by side, one row for each query.

    titled_weights: {title: matrix}; queries, keys: the names of the rows and columns.
    """
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    size = (4.2 * len(titled_weights), 3.6)
    figure, axes = plt.subplots(1, len(titled_weights), figsize=size, layout="tight", squeeze=False)
    for ax, (title, weights) in zip(axes[0], titled_weights.items(), strict=True):
        ax.imshow(weights, cmap="viridis", vmin=0, vmax=1)
        ax.set_xticks(range(len(keys)), keys, rotation=45)
        ax.set_yticks(range(len(queries)), queries)
        ax.set(title=title, xlabel="key", ylabel="query")
        digits = 3 if np.size(weights) <= 9 else 2
        for (i, j), weight in np.ndenumerate(np.asarray(weights)):
            ax.text(j, i, f"{weight:.{digits}f}", ha="center", va="center", color="white" if weight < 0.6 else "black")


# %% [markdown]
# What you have built: the weights without and with scaling. (The picture has one *row* for each query, so the column
# matrices are transposed for it.)

# %%
show_weights(
    {"unscaled": weights_of(self_attention).T, "scaled": weights_of(scaled_dot_product_self_attention).T},
    queries=["x_0", "x_1", "x_2"],
    keys=["x_0", "x_1", "x_2"],
)

# %% [markdown]
# ### Task 7: In your own words: why divide?
#
# The page takes the entries of queries and keys to have variance 1. Suppose that somebody forgot about that, and they
# are independent with mean 0 and variance **4**. Answer in the next cell, in three to six sentences. What is the variance
# of a dot product of length $d_k$ now, and what is left of it after the division by $\sqrt{d_k}$? What will the weights
# look like, and what does that mean for learning? Name two ways to mend it.
#
# *Why the square root: measure it*

# %% [markdown] written="why_divide" points=2
# ### BEGIN SOLUTION
# A product of two entries has mean 0 and variance $4 \cdot 4 = 16$, so the sum of $d_k$ of them has variance $16\, d_k$.
# The division takes out the $d_k$ only: the scaled scores have variance 16, so they differ by 4 and more where they should
# differ by about 1. As $e^4 \approx 55$, one key gets nearly all the weight; the slope $a (1 - a)$ of such weights is close
# to 0, so queries and keys learn very slowly. To mend it, divide by $4 \sqrt{d_k}$, or, better, let queries and keys have
# variance 1 to begin with: draw matrices half as large, or normalise the inputs.
#
# **Rubric**
#
# - 2: $16\, d_k$, and 16 after the division; nearly all weight on one key, and slow learning; two ways to mend it.
# - 1: The variances are right, or what they mean for weights and learning; not both.
# - 0: Neither is right.
#
# **Comments**
#
# - A product of two entries has variance $4 \cdot 4 = 16$, so the sum has $16\, d_k$.
# - The division takes out the $d_k$ only: the scores keep variance 16.
# - Say what it means for learning: one key gets nearly all the weight, and the slope $a (1 - a)$ is close to 0.
# - Two ways were asked for: divide by $4 \sqrt{d_k}$, or let queries and keys have variance 1 to begin with.
# ### END SOLUTION

# %% [markdown]
# ## Part B: rows, batches and masks
#
# From here on every vector is a **row**, as in most papers and libraries: $T$ positions of length $d$ are an array
# $(T, d)$. Any number of axes may stand before these two, for example $(B, T, d)$ for a batch of $B$ sequences. The
# scores become $Q K^\top$, and the weights of one query fill a row.
#
# A **mask** says which keys a query may not see. Here **1 means hide**, 0 means keep. (Other code has it the other way
# round; always look it up. The chapter on masks makes them; here you use one as it is given.)
#
# ### Task 8: Scaled dot-product attention
#
# $$\operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V$$
#
# *Rows instead of columns*


# %% solution="scaled_dot_product_attention"
def scaled_dot_product_attention(query, key, value, mask=None):
    """Return (output, attention_weights) of shapes (..., T_q, d_v) and (..., T_q, T_k).

    query (..., T_q, d_k), key (..., T_k, d_k), value (..., T_k, d_v); the dots stand for any leading axes, none too.
    mask: None, or 0s and 1s that broadcast to (..., T_q, T_k); a query gives no weight to a key where the mask is 1.
    """
    # TODO: scores (..., T_q, T_k), divided by the square root of d_k, and hidden where the mask is 1: the softmax below
    # has to give no weight there. Count axes from the end, so that leading axes do no harm.
    ### BEGIN SOLUTION
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])  # (..., T_q, T_k)
    if mask is not None:
        scores = scores + mask * -1e9
    ### END SOLUTION
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    attention_weights = exps / exps.sum(axis=-1, keepdims=True)
    # TODO: the output (..., T_q, d_v).
    ### BEGIN SOLUTION
    output = attention_weights @ value
    ### END SOLUTION
    return output, attention_weights


# %% check="scaled_dot_product_attention"
check("scaled_dot_product_attention", scaled_dot_product_attention)

# %% [markdown]
# Words need vectors. The next cell gives every *different* word one vector of random numbers, so that a word that
# occurs twice is the same vector twice.


# %% locked="words"
def embed(words, d_model, seed):
    """Return (T, d_model): one random vector for each different word, repeated where the word is."""
    vocabulary = list(dict.fromkeys(words))
    table = np.random.default_rng(seed).normal(size=(len(vocabulary), d_model))
    return table[[vocabulary.index(word) for word in words]]


def random_projections(d_model, d_k, d_v, seed):
    """Return random W_q (d_model, d_k), W_k (d_model, d_k) and W_v (d_model, d_v) that keep numbers of order 1."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(d_model, width)) / np.sqrt(d_model) for width in (d_k, d_k, d_v)]


RACE = ["slow", "but", "steady", "wins", "the", "race"]
ENGLISH = ["the", "cat", "sat", "on", "the", "mat"]
FRENCH = ["le", "chat", "était", "sur", "le", "tapis"]

# %% [markdown]
# Six tokens of length 10 attend to each other, once freely and once with the last token hidden:

# %%
race = embed(RACE, d_model=10, seed=1)  # (6, 10)
hide_last = np.array([0, 0, 0, 0, 0, 1])
output, weights = scaled_dot_product_attention(race, race, race)
_, weights_masked = scaled_dot_product_attention(race, race, race, hide_last)
print("output", output.shape, "weights", weights.shape)
show_weights({"every token": weights, "the last one hidden": weights_masked}, RACE, RACE)

# %% [markdown]
# The diagonal wins, because a random vector is most similar to itself. Projections change that: they let a token look
# for something else than its own likeness.
#
# ### Task 9: A class for self-attention
#
# The class keeps three matrices. `compute_attention(x)` makes queries, keys and values from `x`, each with its own
# matrix, and returns `(output, attention_weights)`. There are no biases.
#
# *Self-attention as an object*


# %% solution="self_attention_class"
class SelfAttention:
    """Self-attention with matrices W_q (d_model, d_k), W_k (d_model, d_k) and W_v (d_model, d_v)."""

    def __init__(self, W_q, W_k, W_v):
        # TODO: keep the three matrices.
        ### BEGIN SOLUTION
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v
        ### END SOLUTION

    def compute_attention(self, x):
        """Return (output, attention_weights) of shapes (..., T, d_v) and (..., T, T) for x (..., T, d_model)."""
        # TODO: project x three times, then use scaled_dot_product_attention.
        ### BEGIN SOLUTION
        return scaled_dot_product_attention(x @ self.W_q, x @ self.W_k, x @ self.W_v)
        ### END SOLUTION


# %% check="self_attention_class"
def answer(x, W_q, W_k, W_v):
    return SelfAttention(W_q, W_k, W_v).compute_attention(x)


check("self_attention_class", answer)

# %% [markdown]
# What happens when the words come in another order? The outputs come in that order too, and nothing else changes:
# attention does not know where a word stands. Later chapters give it positions for that reason.

# %%
attention = SelfAttention(*random_projections(d_model=10, d_k=5, d_v=7, seed=2))
output, weights = attention.compute_attention(race)
order = [5, 3, 0, 4, 1, 2]
output_shuffled, _ = attention.compute_attention(race[order])
print("the same outputs, in the new order:", np.allclose(output_shuffled, output[order]))
show_weights({"with projections": weights}, RACE, RACE)

# %% [markdown]
# ### Task 10: Cross-attention
#
# One sentence asks, another answers: queries from `x_query`, keys and values from `x_key_value`. The two may have
# different lengths.
#
# *Cross-attention*


# %% solution="cross_attention"
def cross_attention(x_query, x_key_value, W_q, W_k, W_v):
    """Return (output, attention_weights) of shapes (..., T_q, d_v) and (..., T_q, T_k).

    x_query (..., T_q, d_model), x_key_value (..., T_k, d_model), W_q and W_k (d_model, d_k), W_v (d_model, d_v).
    """
    # TODO: project, then use scaled_dot_product_attention.
    ### BEGIN SOLUTION
    return scaled_dot_product_attention(x_query @ W_q, x_key_value @ W_k, x_key_value @ W_v)
    ### END SOLUTION


# %% check="cross_attention"
check("cross_attention", cross_attention)

# %% [markdown]
# French words ask, English words answer. The vectors are random, so the pairs mean nothing yet, but look at the rows
# of "le" and at the columns of "the": a repeated word asks the same and answers the same.

# %%
french, english = embed(FRENCH, d_model=8, seed=3), embed(ENGLISH, d_model=8, seed=4)
matrices = random_projections(d_model=8, d_k=5, d_v=6, seed=5)
output, weights = cross_attention(french, english, *matrices)
print("output", output.shape, "weights", weights.shape)
show_weights({"French asks English": weights}, FRENCH, ENGLISH)

# %% [markdown]
# A shorter French sentence needs no change: only $T_q$ is another number.

# %%
short = ["le", "chat", "dort"]  # the cat sleeps
output, weights = cross_attention(embed(short, d_model=8, seed=3), english, *matrices)
print("output", output.shape, "weights", weights.shape)

# %% [markdown]
# ### Task 11: In your own words: a sum of what?
#
# Take the cross-attention of "le chat dort" and the six English words. Somebody changes one thing at a time: (a) the
# *value* of "cat" is doubled; (b) the *key* of "cat" is replaced; (c) the *query* of "chat" is replaced. Say for each,
# in the next cell, which rows of the weights change, which rows of the output change, and why. Two or three sentences
# each are enough.
#
# *Cross-attention*

# %% [markdown] written="a_sum_of_what" points=2
# ### BEGIN SOLUTION
# (a) No weight changes, because weights are made of queries and keys only. All three rows of the output change: each
# gets its weight for "cat" times the old value on top. (b) The scores of all three queries with "cat" change, and as a
# row shares out one whole, all the weights in a row change with it; so do all rows of the output, which are still
# mixtures of the same values. (c) Only the row of weights of "chat" and its row of the output change. A query decides how
# much is taken of each value, for its own row and no other; no number of it is added to the output.
#
# **Rubric**
#
# - 2: With reasons: (a) no weights, all rows of the output; (b) all rows of both; (c) the row of "chat" of both, no
#   other.
# - 1: Two are right with a reason, or all three without.
# - 0: At most one is right.
#
# **Comments**
#
# - (a) Weights are made of queries and keys only, so a value changes none of them, but every row of the output.
# - (b) A new key changes one score in each row, and as a row sums to 1, all the weights of the row.
# - (c) A query belongs to one row: only the weights and the output of "chat" change.
# - That is right, but the reasons are missing.
# ### END SOLUTION

# %% [markdown]
# ### Task 12: Find the bug: a switch without effect
#
# The function below should return weights from scaled scores when `scaled` is `True` and from plain scores when it is
# `False`. Its author is puzzled: the switch has no effect, both calls print the same numbers.
#
# *What goes wrong*


# %% locked="broken"
def broken_weights(query, key, scaled=True):
    """Return attention weights (T_q, T_k) for query (T_q, d_k) and key (T_k, d_k)."""
    scores = query @ key.T
    if scaled:
        np.divide(scores, np.sqrt(key.shape[-1]))
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


words = embed(RACE, d_model=10, seed=1)
print("scaled  ", broken_weights(words, words, scaled=True)[0].round(3))
print("unscaled", broken_weights(words, words, scaled=False)[0].round(3))


# %% solution="find_the_bug"
def mended_weights(query, key, scaled=True):
    """Return attention weights (T_q, T_k) for query (T_q, d_k) and key (T_k, d_k), scaled only if asked for."""
    # TODO: copy the body of broken_weights and mend it.
    ### BEGIN SOLUTION
    scores = query @ key.T
    if scaled:
        scores = scores / np.sqrt(key.shape[-1])
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% check="find_the_bug"
check("find_the_bug", mended_weights)

# %% [markdown]
# ## Part C: TensorFlow
#
# The same in TensorFlow. The import takes a few seconds. Without TensorFlow this part is skipped and costs nothing in
# parts A and B.

# %% locked="tensorflow" folded=true
import importlib.util
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no log messages
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # plain arithmetic: the same digits on more machines
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the processor is enough
if importlib.util.find_spec("tensorflow"):
    import tensorflow as tf
else:
    tf = None
    print("TensorFlow is not installed here, so part C is skipped. Parts A and B do not need it.")


def tensors(*arrays):
    """Return the arrays as float32 tensors; None stays None."""
    return [None if array is None else tf.constant(array, dtype=tf.float32) for array in arrays]


# %% [markdown]
# ### Task 13: One product for query, key and value
#
# Libraries often keep $W_q$, $W_k$ and $W_v$ side by side in one matrix $W$, multiply once, and cut the result.
#
# *The same in TensorFlow: "I love you"*


# %% solution="project_qkv"
def project_qkv(embedding_matrix, W):
    """Return (query, key, value), each (T, d).

    embedding_matrix: (T, d_model); W: (d_model, 3 d) holds W_q, W_k and W_v from left to right. d need not be d_model.
    """
    # TODO: one matrix product, cut into three equal parts along its columns.
    ### BEGIN SOLUTION
    d = W.shape[1] // 3
    qkv = tf.matmul(embedding_matrix, W)  # (T, 3 d)
    return qkv[:, :d], qkv[:, d : 2 * d], qkv[:, 2 * d :]
    ### END SOLUTION


# %% check="project_qkv"
def answer(embedding_matrix, W):
    return project_qkv(*tensors(embedding_matrix, W))


check("project_qkv", answer)

# %% [markdown]
# ### Task 14: Scaled dot-product attention in TensorFlow
#
# Your function of task 8 once more, step by step, with TensorFlow's operations. TensorFlow mixes no kinds of number: a
# float32 tensor cannot be divided by an integer one.
#
# *The same in TensorFlow: "I love you"*


# %% solution="tf_scaled_dot_product_attention"
def tf_scaled_dot_product_attention(query, key, value, mask=None):
    """Return (output, attention_weights) of shapes (..., T_q, d_v) and (..., T_q, T_k), tensors or arrays.

    query (..., T_q, d_k), key (..., T_k, d_k), value (..., T_k, d_v): float32 tensors with any leading axes.
    mask: None, or a float32 tensor that broadcasts to (..., T_q, T_k); 1 = hide.
    """
    # TODO: as scaled_dot_product_attention, with TensorFlow's operations.
    ### BEGIN SOLUTION
    d_k = tf.cast(tf.shape(key)[-1], tf.float32)
    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(d_k)  # (..., T_q, T_k)
    if mask is not None:
        scores += mask * -1e9
    attention_weights = tf.nn.softmax(scores, axis=-1)
    return tf.matmul(attention_weights, value), attention_weights
    ### END SOLUTION


# %% check="tf_scaled_dot_product_attention"
def answer(query, key, value, mask):
    return tf_scaled_dot_product_attention(*tensors(query, key, value, mask))


check("tf_scaled_dot_product_attention", answer)

# %% [markdown]
# ### A walk with three words
#
# "I love you": three embeddings of length 512 from a fixed seed. A 1 at place $t$ of embedding $t$ stands in for its
# position. $W$ has standard normal entries. The seed is set a second time before $W$, as where these numbers come from.
# So the three embeddings, before the 1s are added, are row 0 of $W$: do not do this in an experiment.

# %%
if tf is not None:
    tf.random.set_seed(0)
    embedding_matrix = tf.random.normal((3, 512))
    compare("first embedding, four numbers", tf.gather(embedding_matrix[0], [0, 1, 2, 511]),
            [1.5110626, 0.42292204, -0.41969493, 0.58657396])  # fmt: skip
    embedding_matrix += tf.eye(3, 512)

    tf.random.set_seed(0)
    W = tf.random.normal((512, 3 * 512))
    query, key, value = project_qkv(embedding_matrix, W)
    scores = tf.matmul(query, key, transpose_b=True)
    compare("scores", scores,
            [[1703.1049, -713.31323, -3711.223], [-21326.793, -5222.2803, 20668.867],
             [6377.73, 10644.92, 6412.19]])  # fmt: skip
    compare("scaled scores", scores / np.sqrt(512),
            [[75.267, -31.524, -164.014], [-942.520, -230.794, 913.443], [281.858, 470.443, 283.381]])  # fmt: skip

# %% [markdown]
# The scores are huge, and so are the scaled ones. The weights that follow:

# %%
if tf is not None:
    output, weights = tf_scaled_dot_product_attention(query, key, value)
    compare("weights", weights, [[1, 0, 0], [0, 0, 1], [0, 1, 0]])

    example_weights = tf.constant([[0.9, 0.03, 0.07], [0.05, 0.85, 0.1], [0.06, 0.04, 0.9]])
    contexts = tf.matmul(example_weights, value)
    compare("first context vector with example weights, four numbers", tf.gather(contexts[0], [0, 1, 2, 511]),
            [10.4883, -13.1405, 31.9371, 14.2694])  # fmt: skip

# %% [markdown]
# Every weight is exactly 0 or 1, although the scores were scaled. The scaling takes care of the length of a dot
# product; it expects queries and keys whose entries are of order 1. Here each entry of a query is a sum of 512 products
# and has variance 512. Real layers therefore start from *smaller weights*. Dividing $W$ by $\sqrt{512}$ is the
# cure:

# %%
if tf is not None:
    sentence = ["I", "love", "you"]
    print(f"variance of the queries: {float(tf.math.reduce_variance(query)):.1f}")
    small_query, small_key, small_value = project_qkv(embedding_matrix, W / np.sqrt(512))
    print(f"with smaller weights:    {float(tf.math.reduce_variance(small_query)):.3f}")
    _, small_weights = tf_scaled_dot_product_attention(small_query, small_key, small_value)
    show_weights({"W as drawn": weights.numpy(), "W / sqrt(512)": small_weights.numpy()}, sentence, sentence)

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 7 and 11 are not in this list: a person grades them.

# %%
progress()
