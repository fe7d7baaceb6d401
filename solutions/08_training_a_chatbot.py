# %% setup="08_training_a_chatbot"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # Training a chatbot
#
# The model of chapter 7 is given here. You write what surrounds it: the targets, the learning rate, the loss, the
# accuracy, and the loop that writes a reply. In the end your functions train a small chatbot, and you talk to it. Read
# the chapter's page first; the name in italics after each task is the section that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 Shift the targets | easy | 5 | 2 |
# | 2 Find the bug: loss near 0, and garbage | easy | 5 | 2 |
# | 3 Find the bug: one answer to everything | easy | 5 | 2 |
# | 4 Warm-up | easy | 10 | 2 |
# | 5 Greedy decoding | medium | 15 | 4 |
# | 6 In your own words: its own words | medium | 5 | 2 |
# | 7 Find the bug: nearly sure, and seldom right | easy | 5 | 2 |
# | 8 Masked loss | hard | 15 | 4 |
# | 9 Masked accuracy | medium | 10 | 3 |
# | 10 In your own words: learned or remembered | medium | 5 | 2 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step; `hint("shift_targets")`,
# with the name that stands in the check, shows the next one too. Tasks 6 and 10 are answered in words and graded by a
# person. The checks and the cells that set things up are locked, and those that need not be read are folded; every
# other cell is yours to play with.

# %% locked="libraries"
import re

import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}

# %% [markdown]
# ## Part A: NumPy
#
# A small set of questions and answers, written for this book. Each line holds several wordings of a question and their
# one answer. The last wording of each line is **held back**: the chatbot is not trained on it.


# %% locked="chat_data" folded=true
LINES = """
hello / good morning / hi there / hello there = hello ! nice to see you .
how are you ? / how do you feel ? / are you well ? / how do you feel today ? = i am fine , thank you .
what is your name ? / who are you ? / tell me your name / what are you called ? = i am a small chatbot .
are you a robot ? / are you a machine ? / are you human ? / are you a real robot ? = i am only a program that writes words .
what can you do ? / can you help me ? / what do you do ? / can you do something for me ? = i can answer short questions .
i am hungry / i want to eat / i need food / i am very hungry = cook something warm , or ask a friend .
i am tired / i need sleep / i want to sleep / i am very tired = go to bed early tonight .
i am sad / i feel bad / i feel lonely / i feel sad = i am sorry . talk to somebody you like .
i am bored / there is nothing to do / what should i do ? / i am very bored = read a book , or go for a walk .
do you like music ? / can you sing ? / do you play music ? / do you like to sing ? = i like songs , but i cannot sing .
do you like films ? / shall we see a film ? / what is a good film ? / shall we see a good film ? = yes , a funny one .
it is raining / the weather is bad / it is cold / the weather is cold = stay inside and drink some tea .
the sun is shining / the weather is good / it is warm / the weather is warm = then go outside and enjoy it !
i have an exam / i must study / i have a test tomorrow / i have an exam tomorrow = you will do well . sleep enough .
i passed the exam / i won a prize / i got the job / i passed the test = well done ! let us celebrate .
thank you / thanks a lot / you are kind / thank you very much = you are welcome .
goodbye / see you soon / good night / see you tomorrow = goodbye ! come back soon .
what time is it ? / where do you live ? / what is love ? / who won the match ? / what time is the match ? = i do not know that yet .
how old are you ? / can you cook ? / do you have a brother ? / what day is it ? / how old is the sun ? = i do not know that yet .
"""
PADDING, START, END = 0, 1, 2
Q_LENGTH, A_LENGTH = 9, 14  # tokens, with <start> and <end>


def words_of(text):
    """Return the words and marks of a text."""
    return re.findall(r"[a-z']+|[.,!?]", text.lower())


TRAIN, HELD_BACK = [], []
for line in LINES.strip().splitlines():
    wordings, reply = line.split(" = ")
    *known, new = wordings.split(" / ")
    TRAIN += [(question, reply) for question in known]
    HELD_BACK.append((new, reply))
VOCABULARY = ["<padding>", "<start>", "<end>", *sorted({w for pair in TRAIN for text in pair for w in words_of(text)})]


def encode(text):
    """Return the ids of a text; words that no training pair holds are left out."""
    return [VOCABULARY.index(word) for word in words_of(text) if word in VOCABULARY]


def decode(ids):
    """Return the words of some ids."""
    return " ".join(VOCABULARY[int(i)] for i in ids)


def table_of(texts, length):
    """Return ids (N, length): <start>, the words, <end>, and padding behind."""
    table = np.zeros((len(texts), length), dtype=int)
    for row, text in zip(table, texts, strict=True):
        ids = [START, *encode(text), END]
        row[: len(ids)] = ids
    return table


QUESTIONS = table_of([question for question, _ in TRAIN], Q_LENGTH)
ANSWERS = table_of([reply for _, reply in TRAIN], A_LENGTH)
print(len(TRAIN), "pairs to train on,", len(HELD_BACK), "held back,", len(VOCABULARY), "words")
print(TRAIN[0], "\n", QUESTIONS[0], ANSWERS[0])

# %% [markdown]
# ### Task 1: Shift the targets
#
# An answer in the table reads `<start> hello ! … <end> <padding>`. The decoder is given all of it but the last column,
# and position $t$ has to name the token that comes next. So the targets are the same table, one column further on.
#
# *Shift: what goes in, what should come out*


# %% solution="shift_targets"
def shift_targets(answers):
    """Return (dec_inputs, targets), both (B, T - 1).

    Position t of the targets is what follows position t of the inputs.
    answers: ids (B, T), each row with its start token, its end token, and padding behind; T is at least 2.
    """
    # TODO: cut dec_inputs and targets out of answers. Nothing else is removed: no start, no end, no padding.
    ### BEGIN SOLUTION
    return answers[:, :-1], answers[:, 1:]
    ### END SOLUTION


# %% check="shift_targets"
check("shift_targets", shift_targets)

# %% [markdown]
# What goes in, and what should come out, position by position:

# %%
dec_inputs, targets = shift_targets(ANSWERS)
for given, wanted in zip(dec_inputs[0], targets[0], strict=True):
    print(f"{VOCABULARY[given]:>10} -> {VOCABULARY[wanted]}")

# %% [markdown]
# ### Task 2: Find the bug: loss near 0, and garbage
#
# "My loss is 0 after one epoch," says the author of the function below. "But the model has learned nothing: it says
# what I say." The cells train the simplest model there is. It remembers which target followed every two tokens, and how
# often. They print what the model expects after a few beginnings.
#
# *Loss near 0, and garbage*


# %% locked="counting_model" folded=true
class CountingModel:
    """Remembers how often each target followed the last two input tokens."""

    def __init__(self, dec_inputs, targets):
        self.counts = {}
        for row, wanted in zip(np.asarray(dec_inputs), np.asarray(targets), strict=True):
            for t in np.flatnonzero(wanted):
                self.counts.setdefault(tuple(row[max(t - 1, 0) : t + 1]), []).append(wanted[t])
        self.loss = np.mean([-np.log(seen.count(w) / len(seen)) for seen in self.counts.values() for w in seen])

    def expects(self, ids):
        """Return the token that followed the last two ids most often, or None if it never saw them."""
        seen = self.counts.get(tuple(ids[-2:]), [])
        return max(sorted(set(seen)), key=seen.count, default=None)


def show_model(make_batch):
    """Train the model on a batch of all answers, print its loss and what it expects after some beginnings."""
    model = CountingModel(*make_batch([encode(reply) for _, reply in TRAIN], START, END, A_LENGTH))
    print(f"loss {model.loss:.4f}")
    for beginning in ([], ["go"], ["go", "to"], ["thank", "you"]):
        token = model.expects([START, *[VOCABULARY.index(word) for word in beginning]])
        print(f"{' '.join(['<start>', *beginning]):>20} -> {'(never seen)' if token is None else VOCABULARY[token]}")


# %% locked="broken_copy"
def broken_batch(replies, start_id, end_id, length):
    """Return (dec_inputs, targets), both (B, length), for a list of replies, each a list of ids."""
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = [start_id, *reply, end_id]
        row[: len(sentence)] = sentence
    dec_inputs = table[:, :-1]
    targets = table[:, :length]
    return dec_inputs, targets


show_model(broken_batch)


# %% solution="find_the_copy"
def mended_batch(replies, start_id, end_id, length):
    """Return (dec_inputs, targets), both (B, length) and padded with 0, for a list of replies, each a list of ids.

    Inputs begin with the start token, targets close with the end token. As in task 1 nothing else is taken out: the
    inputs keep their end token too, where there is room for it. A reply has at most length - 1 ids, and may have none.
    """
    # TODO: copy the body of broken_batch and mend it.
    ### BEGIN SOLUTION
    table = np.zeros((len(replies), length + 1), dtype=int)
    for row, reply in zip(table, replies, strict=True):
        sentence = [start_id, *reply, end_id]
        row[: len(sentence)] = sentence
    return shift_targets(table)
    ### END SOLUTION


# %% check="find_the_copy"
def answer(replies, start_id, end_id, length):  # the rows become lists without their padding
    return mended_batch([[int(i) for i in reply if i != 0] for reply in replies], start_id, end_id, length)


check("find_the_copy", answer)

# %%
show_model(mended_batch)

# %% [markdown]
# The loss is higher, and that is honest: after `<start>` nobody can know which answer is wanted.
#
# ### Task 3: Find the bug: one answer to everything
#
# "I shuffle in every epoch, as one should. The loss falls for a while, then it stops, and the model gives nearly every
# question the same answer." The cells count which answer stood beside each question in 400 epochs, and reply with the
# one that they met most often. In these data most answers serve three questions, and "i do not know that yet ." serves
# eight.
#
# *One answer to everything*


# %% locked="counting_replies" folded=true
def show_replies(make_epoch, epochs=400):
    """Print the answers that a model by counting would give to the training questions, the most frequent first."""
    counts = np.zeros((len(ANSWERS), len(ANSWERS)), dtype=int)
    number = {tuple(row): n for n, row in reversed(list(enumerate(ANSWERS)))}
    asked = {tuple(row): n for n, row in enumerate(QUESTIONS)}
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        for question, reply in zip(*make_epoch(QUESTIONS, ANSWERS, rng), strict=True):
            counts[asked[tuple(question)], number[tuple(reply)]] += 1
    replies, often = np.unique(counts.argmax(axis=1), return_counts=True)
    for n in np.argsort(-often, kind="stable")[:3]:
        print(f"{often[n]:3} of {len(ANSWERS)} questions: {TRAIN[replies[n]][1]}")
    print(f"{len(replies)} different answers in all")


# %% locked="broken_shuffle"
def broken_epoch(questions, answers, rng):
    """Return the questions (N, T_q) and the answers (N, T_a) in a new random order."""
    return rng.permutation(questions), rng.permutation(answers)


show_replies(broken_epoch)


# %% solution="find_the_shuffle"
def mended_epoch(questions, answers, rng):
    """Return (questions, answers), (N, T_q) and (N, T_a), in a new random order, another one in every call.

    rng: a NumPy generator (rng.permutation, rng.shuffle, rng.integers …); take all randomness from it. Row n of the
    questions still belongs to row n of the answers, and every pair comes exactly once. The arguments stay as they are.
    """
    # TODO: mend broken_epoch.
    ### BEGIN SOLUTION
    order = rng.permutation(len(questions))
    return questions[order], answers[order]
    ### END SOLUTION


# %% locked="epoch_tools" folded=true
def promises_kept(make_epoch, questions, answers, seed, calls=12):
    """Return fourteen numbers, 1 for a promise that is kept, 0 for one that is not; the list at the end names them."""

    def epochs():
        rng, found, untouched = np.random.default_rng(seed), [], True
        for _ in range(calls):
            given = questions.copy(), answers.copy()
            asked, replied = map(np.array, make_epoch(*given, rng))
            if (asked.ndim, replied.ndim) != (2, 2):
                raise ValueError(f"expected two tables, not results of the shapes {asked.shape} and {replied.shape}")
            untouched = untouched and np.array_equal(given[0], questions) and np.array_equal(given[1], answers)
            found.append((asked, replied))
        return found, untouched

    def rows(*tables):
        return sorted(map(tuple, np.hstack(tables).tolist())) if len({len(table) for table in tables}) == 1 else []

    def alike(one, other):
        return np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1])

    def known(table, before):
        return set(map(tuple, table.tolist())) <= set(map(tuple, before.tolist()))

    def kept(parts):  # the share of what stands where it stood, over all calls; one row alone cannot move
        hits = [
            np.array_equal(*pair) for asked, _ in found for pair in zip(parts(asked), parts(questions), strict=False)
        ]
        return len(questions) > 1 and np.mean(hits) > 0.5

    def followers(table):  # of each given question, the row that comes after it
        after = {tuple(row): follower for row, follower in zip(table.tolist(), np.roll(table, -1, axis=0), strict=True)}
        return [after.get(tuple(row), ()) for row in questions.tolist()]

    (found, untouched), (again, _) = epochs(), epochs()
    asked, replied = found[0]
    moved = [
        any(not np.array_equal(epoch[n], table) for epoch in found) for n, table in enumerate((questions, answers))
    ]
    promises = {
        "as many rows as before": len(asked) == len(replied) == len(questions),
        "the questions first": not (known(asked, answers) and known(replied, questions)),
        "rows as they were": known(asked, questions) and known(replied, answers),
        "words that belong together in one row": known(np.sort(asked), np.sort(questions)),
        "all questions": rows(asked) == rows(questions),
        "all answers": rows(replied) == rows(answers),
        "the pairs that were given": rows(asked, replied) == rows(questions, answers),
        "questions in another order": moved[0] or len(questions) < 2,
        "answers in another order": moved[1] or len(questions) < 2,
        "another order in the next call": len(questions) < 2 or any(not alike(found[0], epoch) for epoch in found),
        "most rows in another place": not kept(list),
        "most rows beside other rows": not kept(followers),
        "all randomness from rng": all(alike(*two) for two in zip(found, again, strict=True)),
        "the arguments as they were": untouched,
    }
    return list(promises.values())


# %% check="find_the_shuffle"
def answer(questions, answers, seed):
    return np.array(promises_kept(mended_epoch, questions, answers, seed), dtype=int)


check("find_the_shuffle", answer)

# %%
show_replies(mended_epoch)

# %% [markdown]
# ### Task 4: Warm-up
#
# The learning rate of the original Transformer grows in a straight line for the first `warmup_steps` steps, and then
# falls. (Keras calls the first step 0, so a class for Keras adds 1 to its step. Here nothing is added.)
#
# $$\text{rate} = d_{\text{model}}^{-0.5} \cdot \min\left(\text{step}^{-0.5},\ \text{step} \cdot w^{-1.5}\right)$$
#
# where $w$ is `warmup_steps`.
#
# *Warm up, then slow down*


# %% solution="warmup_schedule"
def warmup_schedule(step, d_model, warmup_steps=4000):
    """Return the learning rate at a step: a number for a number, an array of the same shape for an array.

    step: 0 or more, an integer or a float, or an array of them. d_model, warmup_steps: integers.
    """
    # TODO: the formula. At step 0 its first branch would divide by zero: there,
    # any finite rate from 0 to that of step 1 will do.
    ### BEGIN SOLUTION
    step = np.asarray(step, dtype=float)
    falling = np.maximum(step, 1) ** -0.5  # the same wherever this branch is the smaller one
    return d_model**-0.5 * np.minimum(falling, step * warmup_steps**-1.5)
    ### END SOLUTION


# %% locked="rates_of" folded=true
def rates_of(schedule, steps, d_model, warmup_steps, kind):
    """Return the rates at some steps, given one by one as numbers of a kind, or as an array."""
    more, at_0 = () if warmup_steps is None else (warmup_steps,), steps == 0

    def rate(step):
        return schedule(step, d_model, *more)

    one_by_one = {"int": int, "float": float}.get(kind)
    rates = np.asarray([rate(one_by_one(step)) for step in steps] if one_by_one else rate(steps))
    if rates.dtype == object or rates.shape != steps.shape:
        return None if (rates == None).any() else rates  # noqa: E711
    if rates.dtype.kind in "biu":
        return rates
    # at step 0, 0 stands for all rates that will do, 1 for all that are too large
    too_large = np.isfinite(rates) & (rates > 1.0001 * rate(1.0))
    return np.where(at_0 & np.isfinite(rates) & (rates >= 0), too_large, rates)


# %% check="warmup_schedule"
def answer(**case):
    return rates_of(warmup_schedule, **case)


check("warmup_schedule", answer)


# %% locked="rates_picture" folded=true
def show_curves(curves, x_label, y_label, x=None):
    """Draw {name: numbers} as lines."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, ax = plt.subplots(figsize=(6, 3), layout="tight")
    for style, (name, numbers) in zip(["-", "--", ":", "-."], curves.items(), strict=False):
        ax.plot(range(1, len(numbers) + 1) if x is None else x, numbers, style, label=name)
    ax.set(xlabel=x_label, ylabel=y_label)
    ax.legend()


# %% [markdown]
# What you have built, as the original Transformer used it, and with two changes:

# %%
steps = np.arange(0, 20001, 50)
show_curves(
    {
        "d_model 512, warm-up 4000": warmup_schedule(steps, 512),
        "d_model 128, warm-up 4000": warmup_schedule(steps, 128),
        "d_model 512, warm-up 8000": warmup_schedule(steps, 512, 8000),
    },
    "step",
    "learning rate",
    x=steps,
)

# %% [markdown]
# ### Task 5: Greedy decoding
#
# A trained model is a function: ids so far, in; one number for each token of the vocabulary, out. These numbers are
# **logits**, not probabilities: they may be negative and need not sum to anything. To write, call it, take the
# likeliest token, put it behind the ids, and call again.
#
# *Write: one token at a time*


# %% solution="greedy_decode"
def greedy_decode(next_logits, start_id, end_id, max_length):
    """Return the list of ids of a reply, without the leading start_id and without end_id.

    next_logits(ids): a function that takes the list of all ids so far, which begins with start_id, and returns the
    logits (V,) of the next token. Always take the largest; of equal ones the one with the smallest id. The reply is
    finished as soon as the model chooses end_id, or has max_length ids (the leading start_id not counted); then the
    model is not asked again. max_length may be 0. A start_id that the model itself chooses is a token like any other.
    """
    # TODO: write this loop.
    ### BEGIN SOLUTION
    ids = [start_id]
    while len(ids) - 1 < max_length:
        token = int(np.argmax(next_logits(ids)))
        if token == end_id:
            break
        ids.append(token)
    return ids[1:]
    ### END SOLUTION


# %% locked="fake_model" folded=true
def table_model(first, table, max_calls):
    """Return a stand-in for a trained model, and the list that will hold the lengths of what it was given.

    first (V,), table (L, V, V). The logits are `first` plus, for each position t, row ids[t] of table[t]: they depend
    on every id and on its place.
    """
    lengths = []

    def next_logits(ids):
        ids = np.ravel(np.asarray(ids))
        if len(ids) and ids.dtype.kind not in "iu":
            raise TypeError(f"next_logits takes whole ids, and was given {ids.tolist()}")
        lengths.append(len(ids))
        if len(ids) > len(table):
            raise RuntimeError("the loop did not stop: the ids are longer than any reply may be")
        if len(lengths) > max_calls:
            grew = len(set(lengths[-max_calls // 2 :])) > 1
            raise RuntimeError(f"the model was asked {'more than three times a token' if grew else 'again and again'}")
        if not all(0 <= i < len(first) for i in ids):
            raise IndexError(f"there is no such id in {ids.tolist()}")
        return first + sum(table[t, i] for t, i in enumerate(ids))

    return next_logits, lengths


# %% check="greedy_decode"
def answer(first, table, start_id, end_id, max_length):  # the reply, and how often the model was asked
    next_logits, lengths = table_model(first, table, max_calls=3 * max_length + 3)
    reply = greedy_decode(next_logits, start_id, end_id, max_length)
    return None if reply is None else (np.ravel(np.asarray(reply)), [len(lengths)])


check("greedy_decode", answer)

# %% [markdown]
# ### Task 6: In your own words: its own words
#
# In training the decoder is given the right beginning of every answer, whatever it would have said itself. A model
# trained like that names 95% of the next tokens correctly on new questions. Its replies have 11 tokens, `<end>`
# included. Answer in the next cell, in three to six sentences. If mistakes fell independently of each other, in how
# many replies out of 100 would every token be right? What is different for the tokens after the first mistake once the
# model writes by itself, and why has it never practised that? Does a token that is not the expected one always spoil a
# reply?
#
# *Write: one token at a time*

# %% [markdown] written="its_own_words" points=2
# ### BEGIN SOLUTION
# 0.95 to the power of 11 is 0.57: in 57 replies of 100 every token would be right. After its first mistake the model
# reads a beginning that holds its own wrong token. In training it saw right beginnings only (teacher forcing), so it
# has never practised going on from a wrong one: there its accuracy may be far below 95%, and mistakes come in groups.
# On the other hand the accuracy counts exact agreement with one answer. Another word may be as good, and the reply that
# follows it fine, so a reply with a "mistake" is not always a bad one; reading replies, or BLEU with several answers,
# says more about that.
#
# **Rubric**
#
# - 2: 57 of 100; a beginning with a mistake is none that it has practised; a token that was not expected may be as
#   good.
# - 1: One or two of these three are right.
# - 0: None is right.
#
# **Comments**
#
# - All 11 tokens are right in 0.95 to the power of 11 of the replies: 57 of 100.
# - In training it is always given the right beginning, so it has never practised going on from a wrong one.
# - After the first mistake its accuracy may be far below 95%, so mistakes come in groups.
# - A token that was not the expected one may be as good, and the reply fine.
# ### END SOLUTION

# %% [markdown]
# ### Task 7: Find the bug: nearly sure, and seldom right
#
# "My log ends with a loss of 0.006 and an accuracy of 0.17," says the author of the function below. "Is the model nearly
# sure of every token, or wrong in five of six? Its replies look fine." The chapter's page began with such a log. The next
# cell makes up an epoch like that one: the replies of this notebook, padded to 48 tokens, and a model that knows nearly
# all of them by heart. Nobody trained it to say padding, so behind `<end>` it says anything.
#
# *Seventeen per cent right*


# %% locked="an_epoch" folded=true
def show_log(make_log, length=48):
    """Print what a log says of an epoch, with all replies padded to so many tokens."""
    rng = np.random.default_rng(6)
    targets = np.zeros((len(TRAIN), length), dtype=int)
    for row, (_, reply) in zip(targets, TRAIN, strict=True):
        ids = [*encode(reply), END]
        row[: len(ids)] = ids
    chance, words = rng.random((2, len(TRAIN), 1000))[:, :, :length]
    known = (targets != 0) & (chance < 0.98)
    guesses = np.where(known, targets, 3 + (words * (len(VOCABULARY) - 3)).astype(int))
    losses = np.where(known, 0.015, np.where(targets != 0, 1.0, 9.0))
    loss, accuracy = make_log(targets, losses, guesses)
    print(f"padded to {length} tokens: loss {loss:.4f}, accuracy {accuracy:.4f}")


# %% locked="broken_log"
def broken_log(targets, losses, guesses):
    """Return the loss and the accuracy of an epoch, from the loss and the guess of each position."""
    real = targets != 0
    loss = np.mean(losses * real)
    accuracy = np.mean(guesses == targets)
    return loss, accuracy


show_log(broken_log)


# %% solution="find_the_padding"
def mended_log(targets, losses, guesses):
    """Return (loss, accuracy) of the real tokens alone, all of them counted together: two numbers.

    targets: ids (B, T), 0 is padding, at least one is real; losses: (B, T), the loss of each position; guesses: ids
    (B, T), the likeliest token of each position.
    """
    # TODO: mend broken_log.
    ### BEGIN SOLUTION
    real = targets != 0
    return np.mean(losses[real]), np.mean(guesses[real] == targets[real])
    ### END SOLUTION


# %% check="find_the_padding"
def answer(targets, losses, guesses):
    log = mended_log(targets, losses, guesses)
    return tuple(map(np.atleast_1d, log)) if isinstance(log, tuple | list) else log


check("find_the_padding", answer)

# %%
for length in (15, 48, 200):
    show_log(mended_log, length)

# %% [markdown]
# Now the numbers say what the model knows, however far its replies are padded. In part B you write both for a training,
# where gradients have to flow through the loss.

# %% [markdown]
# ## Part B: TensorFlow
#
# The loss has to be made of TensorFlow's operations, so that gradients can flow back through it. The import takes a few
# seconds. Without TensorFlow this part is skipped and costs nothing in part A.


# %% locked="tensorflow" folded=true
import importlib.util
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no log messages
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # plain arithmetic: the same digits on more machines
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the processor is enough
if importlib.util.find_spec("tensorflow"):
    import keras
    import tensorflow as tf
    from keras import layers, ops

    tf.get_logger().setLevel("ERROR")  # no warnings: each check builds a graph of its own
    Layer = layers.Layer
else:
    tf, Layer = None, object  # a stand-in, so that the class below can be defined
    print("TensorFlow is not installed here, so part B is skipped. Part A does not need it.")


def in_graph(function, targets, logits, with_gradient=False):
    """Call function(targets, logits) as a training step does, inside tf.function; return its result and the gradient.

    targets None stands for a batch that is all padding.
    """
    targets = np.zeros(logits.shape[:2], dtype=int) if targets is None else targets

    @tf.function(autograph=False)
    def step(targets, logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            result = function(targets, logits)
        if result is None or not with_gradient:
            return result, None
        if not tf.is_tensor(result):
            raise TypeError(f"the result is no tensor but {type(result).__name__}: no gradient comes back")
        gradient = tape.gradient(result, logits)
        return result, gradient if gradient is None else tf.convert_to_tensor(gradient)

    try:
        result, gradient = step(tf.constant(targets, tf.int32), tf.constant(logits, tf.float32))
    except NotImplementedError as error:
        if "symbolic" in str(error):  # TensorFlow's word for NumPy inside a graph, not an unfinished task
            raise TypeError(str(error)) from None
        raise
    except tf.errors.InvalidArgumentError as error:  # what went wrong, without the list of where
        raise ValueError([line for line in str(error).splitlines() if line.strip() and "[[" not in line][-1]) from None
    if result is not None and with_gradient and gradient is None:
        raise TypeError("no gradient comes back through the result")
    return (result, gradient) if with_gradient else result


# %% [markdown]
# ### Task 8: Masked loss
#
# The loss of one position is the cross-entropy: minus the logarithm of the probability that the model gives to the
# right token. The loss of a batch is the mean of it over all **real** tokens, those whose target is not 0, counted
# together. Padding is neither in the sum nor in the number that divides it. A batch without any real token has the loss
# 0.
#
# Here a tensor has no value yet while the graph is built. So no Python `if` on a tensor, and no NumPy: TensorFlow's (or
# Keras's) operations only.
#
# *A loss for real tokens*


# %% solution="masked_loss"
def masked_loss(targets, logits):
    """Return the mean cross-entropy over all real tokens of a batch, a scalar tensor.

    targets: ids (B, T), int32, 0 is padding; logits: (B, T, V), float32, **not** yet through a softmax, of any size.
    """
    # TODO: cross-entropy of each position, (B, T); leave padding out; mean.
    # All padding gives 0, not NaN, and a gradient of 0.
    ### BEGIN SOLUTION
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)  # (B, T)
    real = tf.cast(targets != 0, losses.dtype)
    return tf.math.divide_no_nan(tf.reduce_sum(losses * real), tf.reduce_sum(real))
    ### END SOLUTION


# %% check="masked_loss"
def answer(targets, logits):  # the loss, and its gradient with respect to the logits
    loss, gradient = in_graph(masked_loss, targets, logits, with_gradient=True)
    return None if loss is None else (loss if np.ndim(loss) else [loss], gradient)


check("masked_loss", answer)

# %% [markdown]
# ### Task 9: Masked accuracy
#
# The share of the real tokens that the model gets right, when it takes the likeliest token at each position. The same
# rules: real tokens only, all of them counted together, 0 for a batch without any.
#
# *Seventeen per cent right*


# %% solution="masked_accuracy"
def masked_accuracy(targets, logits):
    """Return the share of right predictions among all real tokens of a batch, a scalar tensor between 0 and 1.

    targets: ids (B, T), int32, 0 is padding; logits: (B, T, V), float32.
    """
    # TODO: the likeliest token of each position (`tf.argmax` gives int64, and the targets are int32); where is it the
    # target; share of the real tokens. All padding gives 0.
    ### BEGIN SOLUTION
    guesses = tf.argmax(logits, axis=-1, output_type=targets.dtype)  # (B, T)
    real = tf.cast(targets != 0, tf.float32)
    right = tf.cast(guesses == targets, tf.float32) * real
    return tf.math.divide_no_nan(tf.reduce_sum(right), tf.reduce_sum(real))
    ### END SOLUTION


# %% check="masked_accuracy"
def answer(targets, logits):
    accuracy = in_graph(masked_accuracy, targets, logits)
    return accuracy if accuracy is None or np.ndim(accuracy) else [accuracy]


check("masked_accuracy", answer)

# %% [markdown]
# ## Part C: train it, and talk to it
#
# A Transformer of one encoder layer and one decoder layer, put together from Keras's own layers, so that a slip in
# chapter 7 cannot spoil it. Besides the logits it returns the weights of its cross-attention, for a picture.


# %% locked="tiny_transformer" folded=true
class AddPositions(Layer):
    """Adds to each position a vector that is learned."""

    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer="uniform")

    def call(self, x):
        return x + self.table


def tiny_transformer(vocab_size, q_length, a_length, d_model=48, num_heads=4, dff=96):
    """Return a model from [questions (B, q_length), dec_inputs (B, a_length)] to [logits, cross-attention weights]."""

    def embed(ids, table):
        return layers.Dropout(0.1)(AddPositions()(table(ids)))

    def attend(query, memory, **masks):
        layer = layers.MultiHeadAttention(num_heads, d_model // num_heads, dropout=0.1)
        attended, weights = layer(query, memory, return_attention_scores=True, **masks)
        return layers.LayerNormalization()(query + attended), weights

    def feed_forward(x):
        return layers.LayerNormalization()(x + layers.Dense(d_model)(layers.Dense(dff, activation="relu")(x)))

    inputs = keras.Input((q_length,), dtype="int32", name="inputs")
    dec_inputs = keras.Input((a_length,), dtype="int32", name="dec_inputs")
    keep = ops.expand_dims(ops.not_equal(inputs, PADDING), 1)  # (B, 1, T_q), True = keep
    table = layers.Embedding(vocab_size, d_model)
    memory = feed_forward(attend(*[embed(inputs, table)] * 2, attention_mask=keep)[0])
    x = embed(dec_inputs, table)
    x, _ = attend(x, x, use_causal_mask=True)
    x, weights = attend(x, memory, attention_mask=keep)
    return keras.Model([inputs, dec_inputs], [layers.Dense(vocab_size)(feed_forward(x)), weights])


# %% [markdown]
# The training loop is given, and everything in it is yours: `mended_epoch` shuffles, `shift_targets` cuts,
# `masked_loss` is minimised, `masked_accuracy` is shown, `warmup_schedule` sets the learning rate. It takes half a
# minute or so, and is left out when the notebook is graded.


# %% locked="training" folded=true
def train_chatbot(model, epochs=80, batch_size=16, d_model=48, warmup_steps=240, seed=0):
    """Train on the pairs; return the history: losses and accuracies of each epoch, on training and held-back pairs."""
    optimizer = keras.optimizers.Adam(beta_2=0.98, epsilon=1e-9)
    optimizer.build(model.trainable_variables)

    @tf.function(autograph=False)
    def train_step(questions, dec_inputs, targets):
        with tf.GradientTape() as tape:
            logits, _ = model([questions, dec_inputs], training=True)
            loss = masked_loss(targets, logits)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss, masked_accuracy(targets, logits)

    @tf.function(autograph=False)
    def test_step(questions, dec_inputs, targets):
        logits, _ = model([questions, dec_inputs], training=False)
        return masked_loss(targets, logits), masked_accuracy(targets, logits)

    def tensors(questions, answers):
        dec_inputs, targets = shift_targets(answers)
        return [tf.constant(ids, tf.int32) for ids in (questions, dec_inputs, targets)]

    held_back = tensors(
        table_of([question for question, _ in HELD_BACK], Q_LENGTH),
        table_of([reply for _, reply in HELD_BACK], A_LENGTH),
    )
    rng, history, step = np.random.default_rng(seed), [], 0
    bar = keras.utils.Progbar(epochs, verbose=1, stateful_metrics=["loss", "accuracy", "held_back"])
    for epoch in range(epochs):
        questions, answers = mended_epoch(QUESTIONS, ANSWERS, rng)
        found = []
        for n in range(0, len(questions), batch_size):
            step += 1
            optimizer.learning_rate.assign(float(warmup_schedule(step, d_model, warmup_steps)))
            found.append(train_step(*tensors(questions[n : n + batch_size], answers[n : n + batch_size])))
        history.append([*np.mean(found, axis=0), *map(float, test_step(*held_back))])
        names = [("loss", history[-1][0]), ("accuracy", history[-1][1]), ("held_back", history[-1][3])]
        bar.update(epoch + 1, names)
    return np.array(history)


# %%
train = tf is not None and not os.environ.get("NBGRADER_EXECUTION")
if train:
    keras.utils.set_random_seed(1)
    model = tiny_transformer(len(VOCABULARY), Q_LENGTH, A_LENGTH - 1)
    history = train_chatbot(model)
    show_curves({"training": history[:, 0], "held-back wordings": history[:, 2]}, "epoch", "masked loss")

# %% [markdown]
# Now ask. Your `greedy_decode` writes, and a token chooses the next. (Words that it was not trained on are left out.
# Ask in its own small world.)


# %% locked="talking" folded=true
def asker(model):
    """Return a function that takes a question and returns the next_logits that greedy_decode wants."""

    @tf.function(autograph=False)
    def run(asked, said):
        return model([asked, said], training=False)[0]

    def next_logits_for(question):
        asked = tf.constant(table_of([question], Q_LENGTH), tf.int32)

        def next_logits(ids):
            said = np.zeros((1, A_LENGTH - 1), dtype=int)
            said[0, : len(ids)] = ids
            return run(asked, tf.constant(said, tf.int32))[0, len(ids) - 1].numpy()

        return next_logits

    return next_logits_for


def show_look(model, question, reply):
    """Draw what each token of a reply looked at in the question, the mean over the heads."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    asked, said = table_of([question], Q_LENGTH), np.zeros((1, A_LENGTH - 1), dtype=int)
    said[0, : len(reply) + 1] = [START, *reply]
    weights = model([tf.constant(asked), tf.constant(said)], training=False)[1][0].numpy().mean(axis=0)  # (T, T_q)
    rows, columns = [*decode(reply).split(), "<end>"], decode(asked[0][asked[0] != PADDING]).split()
    figure, ax = plt.subplots(figsize=(5, 0.35 * len(rows) + 1.2), layout="tight")
    ax.imshow(weights[: len(rows), : len(columns)], cmap="viridis", vmin=0, vmax=1)
    ax.set_xticks(range(len(columns)), columns, rotation=45)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xlabel="question", ylabel="token that was chosen")


# %%
if train:
    next_logits_for = asker(model)
    for question in [
        "hello",
        "i want to eat",
        *[new for new, _ in HELD_BACK[1:7]],
        "the sun is good",
        "do you like the exam ?",
    ]:
        reply = greedy_decode(next_logits_for(question), START, END, max_length=A_LENGTH - 2)
        print(f"{question:>32} -> {decode(reply)}")

# %% [markdown]
# The first two questions are training questions, the next six are held-back wordings, and the last two were never meant
# to be asked. Now all held-back wordings, counted in two ways:

# %%
if train:
    replies = [greedy_decode(next_logits_for(question), START, END, A_LENGTH - 2) for question, _ in HELD_BACK]
    as_written = sum(decode(reply) == answer for reply, (_, answer) in zip(replies, HELD_BACK, strict=True))
    print(f"{as_written} of {len(HELD_BACK)} replies are the answer that was written for the question")
    print(f"{history[-1, 3]:.1%} of the tokens are right with teacher forcing")

# %% [markdown]
# The second number looks better. With teacher forcing even a wrong first word is corrected at once, and the rest of the
# answer follows from it. Task 6 was about that. And both measure other *wordings* only, not new answers: every answer of
# `HELD_BACK` stands among the training pairs too. Task 10 asks what that means.
#
# What did each token of a reply look at? (Each column has been through the encoder, so it tells of the whole question.)

# %%
if train:
    question = "i feel sad"
    show_look(model, question, greedy_decode(next_logits_for(question), START, END, A_LENGTH - 2))

# %% [markdown]
# ### Task 10: In your own words: learned or remembered
#
# Two friends train the same model on the same 10,000 pairs, in which many answers stand beside several questions. Both
# hold back 5% of the pairs. Ana draws the pairs at random. Ben draws *answers* at random and holds back all the pairs
# that have them, and drops from the training pairs every question that he held back. Ana reports a BLEU of 30 on her
# held-back pairs, Ben one of 3. Answer in the next cell, in three to six sentences. How can both be right? Which of the
# two numbers tells how the model does on a question that needs an answer of its own, and what does the other one tell?
# In both trainings the training loss falls to the end, while Ben's held-back loss has a lowest point after a few
# epochs: what does that mean, and which model would you keep?
#
# *Hold back whole answers*

# %% [markdown] written="learned_or_remembered" points=2
# ### BEGIN SOLUTION
# For many of Ana's held-back pairs the same answer, or even the same question, stands among the training pairs, so the
# model can give it from memory; none of Ben's held-back answers was ever seen. Both numbers are right, they measure
# different things. Ben's tells how well the model makes up a new answer: hardly at all. Ana's tells how well it
# recognises another wording of what it has stored, which may be all that a user of such a chatbot needs, but it is no
# sign that it can write. From Ben's lowest point on, the model learns its training pairs by heart and becomes surer of
# the wrong tokens elsewhere, so for new answers one keeps the model of that epoch; for recalling stored answers a later
# one may be better.
#
# **Rubric**
#
# - 2: Ana's number is for stored answers, Ben's for new ones; past the lowest point it learns by heart; a model with
#   a reason.
# - 1: What the two numbers tell is right, or the lowest point; not both.
# - 0: Neither is right.
#
# **Comments**
#
# - The answers of many of Ana's held-back pairs stand among the training pairs, so they can be given from memory.
# - Ben's number tells how the model does on answers that it has never seen.
# - Say what Ana's number is good for: it tells how well another wording of what is stored is recognised.
# - From the lowest point on the model learns its training pairs by heart; for new answers keep the model of that
#   epoch.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 6 and 10 are not in this list: a person grades them.

# %%
progress()
