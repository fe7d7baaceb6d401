"""Wrong answers to chapter 06, as learners write them, each with what it should be told."""

import numpy as np

from autograder.course.wrong_answers import wrong


# ---------------------------------------------------------------- what stands in the notebook
def create_padding_mask(seq):
    return (seq == 0).astype(int)[:, np.newaxis, np.newaxis, :]


def create_look_ahead_mask(seq):
    T = seq.shape[1]
    return np.maximum(np.triu(np.ones((T, T), dtype=int), k=1), create_padding_mask(seq))


def softmax(scores):
    largest = np.max(scores, axis=-1, keepdims=True)
    exps = np.exp(scores - np.where(largest == -np.inf, 0, largest))
    total = exps.sum(axis=-1, keepdims=True)
    return exps / np.where(total == 0, 1, total)


# ---------------------------------------------------------------- padding mask
@wrong("padding_mask", "the other way round", "keeps_instead_of_hiding")
def not_equal_zero(seq):
    mask = np.not_equal(seq, 0).astype(float)
    return mask[:, None, None, :]


@wrong("padding_mask", "the other way round", "keeps_instead_of_hiding")
def true_for_words(seq):
    return (seq > 0)[:, np.newaxis, np.newaxis]


@wrong("padding_mask", "the axes", "no_axes_of_length_1")
def compared_only(seq):
    return (seq == 0) * 1


@wrong("padding_mask", "the axes", "one_axis_of_length_1")
def expand_dims_once(seq):
    return np.expand_dims(np.where(seq == 0, 1, 0), axis=1)


@wrong("padding_mask", "the axes", "axes_behind")
def two_axes_behind(seq):
    mask = (seq == 0).astype(np.float32)
    return mask[..., np.newaxis, np.newaxis]


@wrong("padding_mask", "the axes", "axes_in_front")
def none_none(seq):
    return np.where(seq == 0, 1, 0)[None, None, :, :]


@wrong("padding_mask", "the axes", "one_axis_in_front")
def one_in_front_one_behind(seq):
    mask = (seq == 0).astype(int)
    return mask[np.newaxis, :, np.newaxis, :]


@wrong("padding_mask", "the axes", "on_the_query_axis")
def expanded_at_the_end(seq):
    mask = (seq == 0).astype(int)
    return np.expand_dims(np.expand_dims(mask, 1), -1)


@wrong("padding_mask", "the axes", "one_axis_too_many")
def five_axes(seq):
    return (seq == 0).astype(int)[:, None, None, None, :]


@wrong("padding_mask", "which are padding", "id_one_hidden")
def hides_the_ones(seq):
    return np.equal(seq, 1).astype(int)[:, np.newaxis, np.newaxis, :]


@wrong("padding_mask", "which are padding", "padding_at_the_end_only")
def counted_words(seq):
    B, T = seq.shape
    mask = np.zeros((B, 1, 1, T))
    for b in range(B):
        length = np.count_nonzero(seq[b])
        mask[b, 0, 0, length:] = 1
    return mask


@wrong("padding_mask", "which are padding", "ids_returned")
def ids_with_axes(seq):
    return seq[:, np.newaxis, np.newaxis, :]


@wrong("padding_mask", "loop", "first_sequence_only")
def returned_in_the_loop(seq):
    mask = np.zeros((seq.shape[0], 1, 1, seq.shape[1]))
    for b in range(seq.shape[0]):
        mask[b, 0, 0] = seq[b] == 0
        return mask
    return mask


@wrong("padding_mask", "loop", "last_sequence_only")
def written_after_the_loop(seq):
    mask = np.zeros((seq.shape[0], 1, 1, seq.shape[1]))
    for b in range(seq.shape[0]):
        row = seq[b] == 0
    mask[b, 0, 0] = row
    return mask


@wrong("padding_mask", "loop", "one_mask_for_all")
def made_of_sequence_zero(seq):
    B, T = seq.shape
    mask = np.zeros((B, 1, 1, T), dtype=int)
    for b in range(B):
        for t in range(T):
            mask[b, 0, 0, t] = int(seq[0, t] == 0)
    return mask


@wrong("padding_mask", "last step missing", "nothing_hidden")
def never_assigned(seq):
    mask = np.zeros((seq.shape[0], 1, 1, seq.shape[1]))
    for b in range(len(seq)):
        for t in range(seq.shape[1]):
            if seq[b, t] == 0:
                mask[b, 0, 0, t] == 1
    return mask


@wrong("padding_mask", "numbers to add", "numbers_to_add")
def minus_infinity_where_padding(seq):
    mask = np.where(seq == 0, -1e9, 0.0)
    return mask[:, np.newaxis, np.newaxis, :]


@wrong("padding_mask", "torch habit", says=r"newaxis|NumPy")
def unsqueezed(seq):
    return (seq == 0).unsqueeze(1).unsqueeze(2)


@wrong("padding_mask", "torch habit", says=r"astype|NumPy")
def dot_float(seq):
    return (seq == 0).float()[:, None, None, :]


@wrong("padding_mask", "two mistakes", "keeps_instead_of_hiding", "one_axis_of_length_1")
def keeps_with_three_axes(seq):
    return (seq != 0).astype(int)[:, np.newaxis, :]


@wrong("padding_mask", "two mistakes", "keeps_instead_of_hiding", "on_the_query_axis")
def keeps_as_queries(seq):
    return (seq != 0).astype(int)[:, np.newaxis, :, np.newaxis]


@wrong("padding_mask", "two mistakes", "numbers_to_add", "no_axes_of_length_1")
def big_numbers_without_axes(seq):
    return (seq == 0) * -1e9


@wrong("padding_mask", "two mistakes", "id_one_hidden", "no_axes_of_length_1")
def ones_without_axes(seq):
    return np.array(seq == 1, dtype=int)


@wrong("padding_mask", "two mistakes", "keeps_instead_of_hiding", "repeated_for_every_query")
def keeps_repeated(seq):
    mask = (seq != 0).astype(int)[:, None, None, :]
    return np.repeat(mask, seq.shape[1], axis=2)


# ---------------------------------------------------------------- look-ahead mask
@wrong("look_ahead_mask", "the triangle", "future_inverted")
def tril_hides_the_past(seq):
    T = seq.shape[1]
    return np.maximum(np.tril(np.ones((T, T))), create_padding_mask(seq))


@wrong("look_ahead_mask", "the triangle", "diagonal_hidden")
def triu_without_k(seq):
    T = seq.shape[-1]
    return np.logical_or(np.triu(np.ones((T, T))), create_padding_mask(seq)).astype(int)


@wrong("look_ahead_mask", "the triangle", "past_hidden")
def rows_greater_than_columns(seq):
    T = seq.shape[1]
    i, j = np.arange(T)[:, None], np.arange(T)[None, :]
    return np.maximum((i > j).astype(int), create_padding_mask(seq))


@wrong("look_ahead_mask", "the triangle", "next_word_visible")
def loop_from_i_plus_two(seq):
    T = seq.shape[1]
    future = np.zeros((T, T))
    for i in range(T):
        for j in range(i + 2, T):
            future[i, j] = 1
    return np.maximum(future, create_padding_mask(seq))


@wrong("look_ahead_mask", "the triangle", "only_next_word_hidden")
def one_off_diagonal(seq):
    T = seq.shape[1]
    future = np.zeros((T, T))
    for i in range(T - 1):
        future[i, i + 1] = 1
    return np.maximum(future, create_padding_mask(seq))


@wrong("look_ahead_mask", "the join", "padding_dropped")
def padding_computed_not_used(seq):
    T = seq.shape[1]
    future = np.triu(np.ones((T, T)), k=1)
    padding = create_padding_mask(seq)
    return np.tile(future, (seq.shape[0], 1, 1, 1))


@wrong("look_ahead_mask", "the join", "both_needed")
def logical_and(seq):
    T = seq.shape[1]
    future = np.triu(np.ones((T, T)), k=1)
    return np.logical_and(future, create_padding_mask(seq)).astype(int)


@wrong("look_ahead_mask", "the join", "added")
def plus(seq):
    T = seq.shape[1]
    future = np.triu(np.ones((T, T), dtype=int), k=1)
    return future + create_padding_mask(seq)


@wrong("look_ahead_mask", "the join", "both_cancel")
def not_equal(seq):
    T = seq.shape[1]
    future = np.triu(np.ones((T, T), dtype=int), 1)
    return (future != create_padding_mask(seq)).astype(int)


@wrong("look_ahead_mask", "the axes", "no_head_axis")
def three_axes(seq):
    T = seq.shape[1]
    future = np.triu(np.ones((T, T)), k=1)
    return np.maximum(future[np.newaxis], (seq == 0)[:, np.newaxis, :])


@wrong("look_ahead_mask", "the axes", "batch_on_the_head_axis")
def axis_in_front(seq):
    T = seq.shape[1]
    mask = np.maximum(np.triu(np.ones((T, T)), k=1), (seq == 0)[:, None, :])
    return mask[np.newaxis]


@wrong("look_ahead_mask", "the axes", "padding_on_the_query_axis")
def padding_as_a_column(seq):
    T = seq.shape[1]
    return np.maximum(np.triu(np.ones((T, T)), k=1), (seq == 0)[:, np.newaxis, :, np.newaxis])


@wrong("look_ahead_mask", "the other way round", "keeps_instead_of_hiding")
def one_minus_all(seq):
    T = seq.shape[1]
    return 1 - np.maximum(np.triu(np.ones((T, T), dtype=int), k=1), create_padding_mask(seq))


@wrong("look_ahead_mask", "the other way round", "two_masks_that_keep")
def both_keep_joined_by_or(seq):
    T = seq.shape[1]
    past = np.tril(np.ones((T, T), dtype=int))
    words = (seq != 0).astype(int)[:, None, None, :]
    return past | words


@wrong("look_ahead_mask", "loop", "last_sequence_only")
def mask_of_the_last_sequence(seq):
    B, T = seq.shape
    mask = np.zeros((B, 1, T, T))
    for b in range(B):
        own = np.maximum(np.triu(np.ones((T, T)), k=1), seq[b] == 0)
    mask[b, 0] = own
    return mask


@wrong("look_ahead_mask", "last step missing", "nothing_hidden")
def zeros_handed_back(seq):
    B, T = seq.shape
    mask = np.zeros((B, 1, T, T))
    for i in range(T):
        for j in range(T):
            if j > i:
                mask[:, :, i, j] == 1
    return mask


@wrong("look_ahead_mask", "two mistakes", "diagonal_hidden", "padding_dropped")
def triangle_with_diagonal_alone(seq):
    B, T = seq.shape
    return np.broadcast_to(np.triu(np.ones((T, T))), (B, 1, T, T))


@wrong("look_ahead_mask", "two mistakes", "past_hidden", "padding_dropped")
def lower_triangle_alone(seq):
    B, T = seq.shape
    return np.tile(np.tril(np.ones((T, T)), k=-1), (B, 1, 1, 1))


@wrong("look_ahead_mask", "two mistakes", "added", "diagonal_hidden")
def added_with_diagonal(seq):
    T = seq.shape[1]
    return np.triu(np.ones((T, T))) + (seq == 0)[:, None, None, :]


@wrong("look_ahead_mask", "two mistakes", "past_hidden", "padding_inverted")
def lower_triangle_and_words(seq):
    T = seq.shape[1]
    return np.maximum(np.tril(np.ones((T, T)), -1), (seq != 0)[:, None, None, :])


@wrong("look_ahead_mask", "two mistakes", "both_needed", "padding_on_the_query_axis")
def times_a_column(seq):
    T = seq.shape[1]
    return np.triu(np.ones((T, T)), k=1) * (seq == 0)[:, None, :, None]


@wrong("look_ahead_mask", "two mistakes", "added", "no_head_axis")
def added_in_three_axes(seq):
    T = seq.shape[1]
    return np.triu(np.ones((T, T)), k=1) + (seq == 0)[:, None, :]


@wrong("look_ahead_mask", "two mistakes", "numbers_to_add", "padding_dropped")
def future_to_add(seq):
    B, T = seq.shape
    return np.tile(np.triu(np.ones((T, T)), k=1) * -1e9, (B, 1, 1, 1))


# ---------------------------------------------------------------- hide scores
@wrong("apply_mask", "the other way round", "mask_inverted")
def scores_where_one(scores, mask):
    return np.where(mask, scores, -1e9)


@wrong("apply_mask", "the other way round", "mask_inverted")
def hidden_where_zero(scores, mask):
    hidden = np.array(scores, dtype=float)
    full = np.broadcast_to(mask, scores.shape)
    hidden[full == 0] = -1e9
    return hidden


@wrong("apply_mask", "too small", "constant_too_small")
def minus_two_thousand(scores, mask):
    return scores + mask * -2000.0


@wrong("apply_mask", "too small", "hidden_scores_zero")
def tiny_number(scores, mask):
    return np.where(mask == 1, -1e-9, scores)


@wrong("apply_mask", "too small", "smallest_score_for_hidden")
def smallest_score(scores, mask):
    return np.where(mask == 1, scores.min(), scores)


@wrong("apply_mask", "what is returned", "softmax_taken")
def weights_returned(scores, mask):
    return softmax(np.where(mask == 1, -1e9, scores))


@wrong("apply_mask", "what is returned", "scores_lost")
def the_mask_alone(scores, mask):
    scores = mask * -1e9
    return scores


@wrong("apply_mask", "what is returned", "mask_dropped")
def new_scores_not_returned(scores, mask):
    hidden = np.where(mask == 1, -np.inf, scores)
    return scores


@wrong("apply_mask", "what is returned", "mask_returned")
def mask_handed_back(scores, mask):
    scores = np.where(mask == 1, -1e9, scores)
    return np.broadcast_to(mask, scores.shape)


@wrong("apply_mask", "in place", "argument_changed")
def plus_equals(scores, mask):
    scores += mask * -1e9
    return scores


@wrong("apply_mask", "in place", "argument_changed")
def assigned_into_scores(scores, mask):
    scores[np.broadcast_to(mask == 1, scores.shape)] = -np.inf
    return scores


@wrong("apply_mask", "the mask added", "mask_added")
def plain_sum(scores, mask):
    return np.add(scores, mask)


@wrong("apply_mask", "the mask added", "constant_too_small")
def plain_difference(scores, mask):
    return scores - mask.astype(float)


@wrong("apply_mask", "the mask multiplied", "hidden_scores_zero")
def times_one_minus(scores, mask):
    return scores * np.where(mask == 1, 0, 1)


@wrong("apply_mask", "infinity", "zero_times_infinity")
def minus_infinity_times(scores, mask):
    return scores + mask.astype(float) * float("-inf")


@wrong("apply_mask", "last step missing", "scores_lost")
def zeros_for_scores(scores, mask):
    result = np.zeros(scores.shape)
    result[np.broadcast_to(mask == 1, scores.shape)] = -1e9
    return result


@wrong("apply_mask", "last step missing", says=r"return")
def nothing_returned(scores, mask):
    scores = np.where(mask == 1, -1e9, scores)


@wrong("apply_mask", "torch habit", says=r"np\.where")
def torch_masked_fill(scores, mask):
    return scores.masked_fill(mask == 1, -1e9)


@wrong("apply_mask", "if on an array", says=r"np\.where")
def if_mask(scores, mask):
    if mask == 1:
        return -1e9
    return scores


@wrong("apply_mask", "two mistakes", "mask_added", "argument_changed")
def added_in_place(scores, mask):
    scores += mask
    return scores


@wrong("apply_mask", "two mistakes", "mask_inverted", "argument_changed")
def inverted_in_place(scores, mask):
    np.copyto(scores, -1e9, where=(mask == 0))
    return scores


@wrong("apply_mask", "two mistakes", "hidden_scores_zero", "argument_changed")
def zero_in_place(scores, mask):
    scores *= 1 - mask.astype(int)
    return scores


@wrong("apply_mask", "two mistakes", "constant_too_small", "argument_changed")
def ten_in_place(scores, mask):
    scores -= mask * 10.0
    return scores


# ---------------------------------------------------------------- masks for a whole Transformer
@wrong("decoder_masks", "wrong sentence", "cross_from_the_target")
def target_padding_for_cross(source, target):
    return create_padding_mask(source), create_look_ahead_mask(target), create_padding_mask(target)


@wrong("decoder_masks", "wrong sentence", "cross_looks_ahead")
def one_target_mask_for_both(source, target):
    encoder = create_padding_mask(source)
    decoder = create_look_ahead_mask(target)
    return encoder, decoder, decoder


@wrong("decoder_masks", "wrong sentence", "self_from_the_source")
def source_everywhere(source, target):
    padding = create_padding_mask(source)
    return padding, create_look_ahead_mask(source), padding


@wrong("decoder_masks", "the future", "self_without_future")
def padding_masks_only(source, target):
    return create_padding_mask(source), create_padding_mask(target), create_padding_mask(source)


@wrong("decoder_masks", "the future", "cross_hides_the_future")
def triangle_of_two_lengths(source, target):
    T_s, T_t = source.shape[1], target.shape[1]
    future = np.triu(np.ones((T_t, T_s)), k=1)
    cross = np.maximum(future, create_padding_mask(source))
    return create_padding_mask(source), create_look_ahead_mask(target), cross


@wrong("decoder_masks", "wrong sentence", "cross_hides_queries")
def both_paddings_in_cross(source, target):
    cross = (source == 0)[:, None, None, :] | (target == 0)[:, None, :, None]
    return create_padding_mask(source), create_look_ahead_mask(target), cross.astype(int)


@wrong("decoder_masks", "wrong order", "self_first")
def self_mask_first(source, target):
    return create_look_ahead_mask(target), create_padding_mask(source), create_padding_mask(source)


@wrong("decoder_masks", "last step missing", says=r"three masks")
def two_masks(source, target):
    return create_padding_mask(source), create_look_ahead_mask(target)


@wrong("decoder_masks", "last step missing", says=r"function|`?None|three masks|masks")
def functions_returned(source, target):
    return create_padding_mask, create_look_ahead_mask, create_padding_mask


@wrong("decoder_masks", "two mistakes", "cross_from_the_target", "self_without_future")
def target_padding_twice(source, target):
    target_mask = create_padding_mask(target)
    return create_padding_mask(source), target_mask, target_mask


@wrong("decoder_masks", "two mistakes", "encoder_looks_ahead", "cross_from_the_target")
def encoder_ahead_cross_target(source, target):
    return create_look_ahead_mask(source), create_look_ahead_mask(target), create_padding_mask(target)


@wrong("decoder_masks", "two mistakes", "encoder_looks_ahead", "cross_looks_ahead")
def look_ahead_everywhere(source, target):
    return create_look_ahead_mask(source), create_look_ahead_mask(target), create_look_ahead_mask(target)


@wrong("decoder_masks", "two mistakes", "self_and_cross_exchanged")
def cross_of_the_target_second(source, target):
    return create_padding_mask(source), create_padding_mask(target), create_look_ahead_mask(target)


@wrong("decoder_masks", "two mistakes", "self_without_padding", "cross_without_mask")
def future_and_nothing(source, target):
    T_t = target.shape[1]
    own = np.tile(np.triu(np.ones((T_t, T_t)), k=1), (len(target), 1, 1, 1))
    return create_padding_mask(source), own, np.zeros((len(source), 1, 1, source.shape[1]))


@wrong("decoder_masks", "two mistakes", "cross_hides_the_future", "self_without_padding")
def two_triangles(source, target):
    T_s, T_t = source.shape[1], target.shape[1]
    own = np.tile(np.triu(np.ones((T_t, T_t)), k=1), (len(target), 1, 1, 1))
    cross = np.maximum(np.triu(np.ones((T_t, T_s)), k=1), create_padding_mask(source))
    return create_padding_mask(source), own, cross


@wrong("decoder_masks", "two mistakes", "cross_repeated", "self_without_future")
def repeated_and_no_future(source, target):
    encoder = create_padding_mask(source)
    cross = np.repeat(encoder, target.shape[1], axis=2)
    return encoder, create_padding_mask(target), cross


# ---------------------------------------------------------------- what moves what
@wrong("what_moves", "in place", "nothing_moves")
def no_copy(attend, X):
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X
        changed[s] = changed[s] + 1
        moved[:, s] = ~np.isclose(attend(changed), attend(X)).all(axis=-1)
    return moved


@wrong("what_moves", "in place", "argument_changed")
def put_back_in_the_wrong_way(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    original = X.copy()
    for s in range(len(X)):
        X[:] = original
        X[s] += 1
        moved[:, s] = ~np.isclose(attend(X), before).all(axis=-1)
    return moved


@wrong("what_moves", "rows and columns", "rows_and_columns_exchanged")
def row_s_filled(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        moved[s, :] = ~np.isclose(attend(changed), before).all(axis=-1)
    return moved


@wrong("what_moves", "the comparison", "what_stays")
def isclose_kept(attend, X):
    before = attend(X)
    stays = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        stays[:, s] = np.isclose(attend(changed), before).all(axis=-1)
    return stays


@wrong("what_moves", "the comparison", "all_numbers_must_move")
def any_close(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        for t in range(len(X)):
            moved[t, s] = 0 if np.isclose(attend(changed)[t], before[t]).any() else 1
    return moved


@wrong("what_moves", "the comparison", "only_growing_outputs")
def larger_than_before(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        moved[:, s] = (attend(changed) - before > 1e-8).any(axis=-1)
    return moved


@wrong("what_moves", "the comparison", "tolerance_too_large")
def three_decimals(attend, X):
    before = attend(X).round(2)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        moved[:, s] = (np.abs(attend(changed) - attend(X)) > 0.01).any(axis=-1)
    return moved


@wrong("what_moves", "the comparison", "compared_with_the_input")
def compared_with_X(attend, X):
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        moved[:, s] = ~np.isclose(attend(changed), X).all(axis=-1)
    return moved


@wrong("what_moves", "the change", "changes_pile_up")
def copied_once(attend, X):
    before, changed = attend(X), X.copy()
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed[s] += 1
        moved[:, s] = ~np.isclose(attend(changed), before).all(axis=-1)
    return moved


@wrong("what_moves", "the change", "one_number_of_d")
def one_entry_changed(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s, 0] = changed[s, 0] + 1
        moved[:, s] = ~np.isclose(attend(changed), before).all(axis=-1)
    return moved


@wrong("what_moves", "the change", "not_always_a_change")
def set_to_zero(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] = 0
        moved[:, s] = ~np.isclose(attend(changed), before).all(axis=-1)
    return moved


@wrong("what_moves", "loop", "first_alone")
def returned_after_the_first(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        moved[:, s] = ~np.isclose(attend(changed), before).all(axis=-1)
        return moved


@wrong("what_moves", "loop", "last_alone")
def written_after_the_last(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
    moved[:, s] = ~np.isclose(attend(changed), before).all(axis=-1)
    return moved


@wrong("what_moves", "last step missing", "nothing_moves")
def never_filled(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        column = ~np.isclose(attend(changed), before).all(axis=-1)
    return moved


@wrong("what_moves", "the result", says=r"0 and 1")
def how_far(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        moved[:, s] = np.abs(attend(changed) - before).max(axis=-1)
    return moved


@wrong("what_moves", "two mistakes", "changes_pile_up", "what_stays")
def piled_up_and_stays(attend, X):
    before, changed = attend(X), X.copy()
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed[s] += 1
        moved[:, s] = np.isclose(attend(changed), before).all(axis=-1)
    return moved


@wrong("what_moves", "two mistakes", "one_number_of_d", "what_stays")
def one_entry_and_stays(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s, 0] += 1
        moved[:, s] = np.isclose(attend(changed), before).all(axis=-1)
    return moved


@wrong("what_moves", "two mistakes", "all_numbers_must_move", "rows_and_columns_exchanged")
def any_and_transposed(attend, X):
    before = attend(X)
    moved = np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        moved[s] = ~np.isclose(attend(changed), before).any(axis=-1)
    return moved


# ---------------------------------------------------------------- a mask for Keras
@wrong("to_keras_mask", "the other way round", "not_turned_over")
def hides_in_keras(mask):
    return mask[:, 0].astype(bool)


@wrong("to_keras_mask", "the axes", "head_axis_kept")
def four_axes(mask):
    return np.logical_not(mask)


@wrong("to_keras_mask", "the axes", "every_axis_of_length_1_removed")
def squeezed(mask):
    return np.squeeze(mask == 0)


@wrong("to_keras_mask", "the axes", "first_sequence_only")
def first_entry(mask):
    return mask[0] == 0


@wrong("to_keras_mask", "the axes", "two_axes_removed")
def queries_dropped(mask):
    return mask[:, 0, 0] == 0


@wrong("to_keras_mask", "kind of number", "not_boolean")
def one_minus(mask):
    return 1 - mask[:, 0].astype(int)


@wrong("to_keras_mask", "kind of number", "tilde_on_numbers")
def tilde(mask):
    return ~mask[:, 0].astype(int)


@wrong("to_keras_mask", "last step missing", "input_returned")
def mask_returned(mask):
    keep = mask[:, 0] == 0
    return mask


@wrong("to_keras_mask", "last step missing", "everything_kept")
def ones_returned(mask):
    keep = np.ones(mask[:, 0].shape, dtype=bool)
    for b in range(len(mask)):
        keep[b] == (mask[b, 0] == 0)
    return keep


@wrong("to_keras_mask", "torch habit", says=r"axis")
def torch_squeeze(mask):
    return (mask == 0).squeeze(dim=1)


@wrong("to_keras_mask", "two mistakes", "not_turned_over", "not_boolean")
def first_head_alone(mask):
    return mask[:, 0].astype(float)


@wrong("to_keras_mask", "two mistakes", "not_boolean", "every_axis_of_length_1_removed")
def numbers_squeezed(mask):
    return np.squeeze(1.0 - mask)


@wrong("to_keras_mask", "two mistakes", "not_turned_over", "transposed")
def transposed_and_hides(mask):
    return mask[:, 0].swapaxes(-1, -2) == 1


# ---------------------------------------------------------------- find the bug: full marks in training
def causal(scores, mask):
    hidden = scores + mask * -1e9
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_leak", "the triangle", "past_hidden")
def tril_with_k(scores):
    T = scores.shape[-1]
    return causal(scores, np.tril(np.ones((T, T)), k=-1))


@wrong("find_the_leak", "the triangle", "diagonal_hidden")
def triu_of_all(scores):
    T = scores.shape[-1]
    return causal(scores, np.triu(np.ones((T, T))))


@wrong("find_the_leak", "the sign", "still_inverted")
def plus_a_billion(scores):
    T = scores.shape[-1]
    mask = 1 - np.tril(np.ones((T, T)))
    hidden = scores - mask * -1e9
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_leak", "the triangle", "only_itself_visible")
def one_minus_eye(scores):
    T = scores.shape[-1]
    return causal(scores, 1 - np.eye(T))


@wrong("find_the_leak", "the softmax", "weights_not_normalised")
def sum_removed(scores):
    T = scores.shape[-1]
    hidden = scores + (1 - np.tril(np.ones((T, T)))) * -1e9
    return np.exp(hidden - hidden.max(axis=-1, keepdims=True))


@wrong("find_the_leak", "the softmax", "softmax_over_queries")
def other_axis(scores):
    T = scores.shape[-1]
    hidden = scores + np.triu(np.ones((T, T)), k=1) * -1e9
    exps = np.exp(hidden - hidden.max(axis=-2, keepdims=True))
    return exps / exps.sum(axis=-2, keepdims=True)


@wrong("find_the_leak", "the mask", "mask_added")
def number_removed(scores):
    T = scores.shape[-1]
    hidden = scores + (1 - np.tril(np.ones((T, T))))
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_leak", "two mistakes", "next_word_visible", "constant_too_small")
def off_by_one_and_weak(scores):
    T = scores.shape[-1]
    hidden = scores - 10 * np.triu(np.ones((T, T)), k=2)
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_leak", "two mistakes", "past_hidden", "scores_returned")
def lower_scores(scores):
    T = scores.shape[-1]
    return np.where(np.tril(np.ones((T, T)), -1) == 1, -np.inf, scores)


# ---------------------------------------------------------------- find the bug: a first row of NaN
def decoder_weights(scores, mask, number=-np.inf):
    hidden = np.where(mask, number, scores)
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_nan", "nothing happened", "still_the_diagonal")
def greater_or_equal(scores, seq):
    position = np.arange(seq.shape[1])
    future = position[None, :] >= position[:, None]
    return decoder_weights(scores, future | (seq == 0)[:, None, None, :])


@wrong("find_the_nan", "the symptom", "nan_gone_bug_kept")
def a_finite_number(scores, seq):
    position = np.arange(seq.shape[1])
    future = position[None, :] >= position[:, None]
    return decoder_weights(scores, future | (seq == 0)[:, None, None, :], number=-1e9)


@wrong("find_the_nan", "the symptom", "nan_made_zero")
def nan_to_num(scores, seq):
    position = np.arange(seq.shape[1])
    future = position[None, :] >= position[:, None]
    return np.nan_to_num(decoder_weights(scores, future | (seq == 0)[:, None, None, :]))


@wrong("find_the_nan", "the symptom", "nan_gone_bug_kept")
def nan_to_even_weights(scores, seq):
    position = np.arange(seq.shape[1])
    future = position[None, :] >= position[:, None]
    weights = decoder_weights(scores, future | (seq == 0)[:, None, None, :])
    return np.where(np.isnan(weights), 1 / seq.shape[1], weights)


@wrong("find_the_nan", "the triangle", "future_inverted")
def less_than(scores, seq):
    position = np.arange(seq.shape[1])
    future = position[None, :] <= position[:, None]
    return decoder_weights(scores, future | (seq == 0)[:, None, None, :])


@wrong("find_the_nan", "the triangle", "past_hidden")
def strictly_less_than(scores, seq):
    position = np.arange(seq.shape[1])
    future = position[None, :] < position[:, None]
    return decoder_weights(scores, future | (seq == 0)[:, None, None, :])


@wrong("find_the_nan", "the padding", "both_needed")
def and_for_or(scores, seq):
    position = np.arange(seq.shape[1])
    future = position[None, :] > position[:, None]
    return decoder_weights(scores, future & (seq == 0)[:, None, None, :])


@wrong("find_the_nan", "the softmax", "softmax_over_queries")
def exps_over_queries(scores, seq):
    position = np.arange(seq.shape[1])
    mask = (position[None, :] > position[:, None]) | (seq == 0)[:, None, None, :]
    hidden = np.where(mask, -np.inf, scores)
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-2, keepdims=True)


@wrong("find_the_nan", "two mistakes", "future_dropped", "padding_on_the_query_axis")
def columns_of_padding_alone(scores, seq):
    return decoder_weights(scores, (seq == 0)[:, None, :, None])


@wrong("find_the_nan", "two mistakes", "next_word_visible", "padding_dropped")
def two_later_without_padding(scores, seq):
    position = np.arange(seq.shape[1])
    future = position[None, :] > position[:, None] + 1
    return decoder_weights(scores, future)


@wrong("find_the_nan", "two mistakes", "past_hidden", "padding_dropped")
def lower_without_padding(scores, seq):
    T = seq.shape[1]
    return decoder_weights(scores, np.tril(np.ones((T, T)), -1) == 1)


# ---------------------------------------------------------------- exact, or in another form
@wrong("what_moves", "the comparison", "exact_comparison")
def unequal_anywhere(attend, X):
    T = len(X)
    before, moved = attend(X), np.zeros((T, T), dtype=bool)
    for s in range(T):
        other = X.copy()
        other[s] += 1
        moved[:, s] = [not np.array_equal(a, b) for a, b in zip(attend(other), before, strict=True)]
    return moved


@wrong("what_moves", "two mistakes", "exact_comparison", "rows_and_columns_exchanged")
def unequal_in_rows(attend, X):
    before, moved = attend(X), np.zeros((len(X), len(X)))
    for s in range(len(X)):
        other = X.copy()
        other[s] += 1
        moved[s] = np.abs(attend(other) - before).sum(axis=1) > 0
    return moved


@wrong("decoder_masks", "too few parts", "encoder_from_the_target")
def target_twice_and_no_cross(source, target):
    return create_padding_mask(target), create_look_ahead_mask(target)


@wrong("decoder_masks", "too few parts", says=r"As `encoder` and `decoder_self`, what you returned is right")
def cross_left_out(source, target):
    return create_padding_mask(source), create_look_ahead_mask(target)


# ---------------------------------------------------------------- which keys are hidden
@wrong("padding_mask", "both axes", "rows_of_padding_hidden")
def padding_on_both_axes(seq):
    padding = seq == 0
    return (padding[:, :, None] | padding[:, None, :])[:, None]


@wrong("padding_mask", "the axes", says=r"repeated along axis 1")
def one_mask_for_each_of_three_heads(seq):
    return np.repeat((seq == 0)[:, None, None, :], 3, axis=1)


@wrong("padding_mask", "which are padding", says=r"Hidden in part, but to be visible: words")
def up_to_id_one(seq):
    return (seq <= 1)[:, None, None, :]


@wrong("padding_mask", "identity", "nothing_hidden")
def false_asked_for(seq):
    return np.array([[[[int(i is False) for i in row]]] for row in seq]).reshape(len(seq), 1, 1, seq.shape[1])


@wrong(
    "look_ahead_mask", "two mistakes", says=r"Visible, but to be hidden: words of the future and padding of the future"
)
def lower_triangle_and_a_minimum(seq):
    return np.minimum(np.tril(np.ones((seq.shape[1], seq.shape[1]))), create_padding_mask(seq))


@wrong("look_ahead_mask", "the join", says=r"padding before the query for queries that are words")
def padding_of_both(seq):
    T, padding = seq.shape[1], create_padding_mask(seq)
    return np.maximum(np.triu(np.ones((T, T), dtype=int), k=1), padding * np.swapaxes(padding, -1, -2))


@wrong("look_ahead_mask", "last step missing", "everything_hidden")
def ones_alone(seq):
    return np.ones((len(seq), 1, seq.shape[1], seq.shape[1]))


@wrong("apply_mask", "identity", "mask_dropped")
def true_asked_for(scores, mask):
    return np.where(mask is True, -1e9, scores)


@wrong("apply_mask", "what is returned", "softmax_taken")
def exponentials_of_hidden_scores(scores, mask):
    return np.exp(np.where(mask == 1, -np.inf, scores))


@wrong("apply_mask", "too small", "constant_too_small")
def one_less_than_the_smallest(scores, mask):
    return np.where(mask == 1, scores.min() - 1, scores)


@wrong("decoder_masks", "both axes", "self_hides_queries")
def rows_of_target_padding_hidden(source, target):
    keys, padding = create_padding_mask(source), create_padding_mask(target)
    return keys, np.maximum(create_look_ahead_mask(target), np.swapaxes(padding, -1, -2)), keys


@wrong("decoder_masks", "both axes", "encoder_hides_queries")
def rows_of_source_padding_hidden(source, target):
    keys = create_padding_mask(source)
    return np.maximum(keys, np.swapaxes(keys, -1, -2)), create_look_ahead_mask(target), keys


@wrong("decoder_masks", "the form of the result", says=r"returned a dictionary of 'encoder', 'self', 'cross'")
def masks_by_name(source, target):
    keys = create_padding_mask(source)
    return {"encoder": keys, "self": create_look_ahead_mask(target), "cross": keys}


@wrong("decoder_masks", "not called", says=r"is a function: call it")
def functions_for_masks(source, target):
    return create_padding_mask, create_look_ahead_mask, create_padding_mask


@wrong("decoder_masks", "the other way round", "keep_instead_of_hide")
def decoder_keeps(source, target):
    keys = create_padding_mask(source)
    return keys, create_look_ahead_mask(target) == 0, keys


@wrong("to_keras_mask", "which are kept", "nothing_kept")
def minus_one_asked_for(mask):
    return mask[:, 0] == -1


@wrong("what_moves", "the comparison", "tolerance_too_large")
def a_tenth_is_close(attend, X):
    before, moved = attend(X), np.zeros((len(X), len(X)))
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        moved[:, s] = ~np.isclose(attend(changed), before, rtol=0.1).all(axis=-1)
    return moved


@wrong("find_the_nan", "the padding", "padding_on_the_query_axis")
def padding_of_the_rows(scores, seq):
    position = np.arange(seq.shape[1])
    mask = (position > position[:, None]) | (seq == 0)[:, None, :, None]
    return softmax(np.where(mask, -1e9, scores))


@wrong("find_the_nan", "both axes", "rows_of_padding_hidden")
def padding_of_rows_and_columns(scores, seq):
    position, padding = np.arange(seq.shape[1]), seq == 0
    mask = (position > position[:, None]) | padding[:, None, :, None] | padding[:, None, None, :]
    hidden = np.where(mask, -1e9, scores)
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_nan", "the comparison", says=r"Hidden, but to be visible: words before the query")
def everything_but_itself(scores, seq):
    position = np.arange(seq.shape[1])
    mask = (position != position[:, None]) | (seq == 0)[:, None, None, :]
    hidden = np.where(mask, -np.inf, scores)
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_nan", "mask", "past_hidden")
def comparison_turned_and_lowered(scores, seq):
    position = np.arange(seq.shape[1])
    future = position[np.newaxis, :] < position[:, np.newaxis]
    mask = future | (seq == 0)[:, np.newaxis, np.newaxis, :]
    hidden = np.where(mask, -1e9, scores)
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)
