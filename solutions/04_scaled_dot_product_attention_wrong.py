"""Wrong answers to chapter 04, as learners write them, each with what it should be told."""

import math

import numpy as np

from autograder.course.wrong_answers import wrong


# ---------------------------------------------------------------- what stands in the notebook
def softmax(items_in):
    exps = np.exp(items_in)
    return exps / np.sum(exps)


def softmax_cols(data_in):
    exps = np.exp(data_in)
    return exps / np.sum(exps, axis=0, keepdims=True)


def softmax_rows(scores):
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def scaled_dot_product_attention(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = scores + mask * -1e9
    weights = softmax_rows(scores)
    return weights @ value, weights


# ---------------------------------------------------------------- queries, keys and values
@wrong("queries_keys_values", "one line unlike the others", "bias_forgotten")
def value_without_its_bias(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(omega_q @ x + beta_q)
        all_keys.append(omega_k @ x + beta_k)
        all_values.append(omega_v @ x)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "transposed", "omega_transposed")
def dot_of_the_transpose(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    queries = [np.dot(omega_q.T, x) + beta_q for x in all_x]
    keys = [np.dot(omega_k.T, x) + beta_k for x in all_x]
    values = [np.dot(omega_v.T, x) + beta_v for x in all_x]
    return queries, keys, values


@wrong("queries_keys_values", "transposed", "omega_transposed")
def everything_as_rows(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(x.T @ omega_q + beta_q.T)
        all_keys.append(x.T @ omega_k + beta_k.T)
        all_values.append(x.T @ omega_v + beta_v.T)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "copied line", "parameters_used_twice")
def key_appended_twice(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        query = omega_q @ x + beta_q
        key = omega_k @ x + beta_k
        value = omega_v @ x + beta_v
        all_queries.append(query)
        all_keys.append(key)
        all_values.append(key)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "copied line", "omega_of_another")
def value_with_omega_k(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(omega_q @ x + beta_q)
        all_keys.append(omega_k @ x + beta_k)
        all_values.append(omega_k @ x + beta_v)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "copied line", "omega_of_another")
def key_with_omega_q(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries = [omega_q.dot(x) + beta_q for x in all_x]
    all_keys = [omega_q.dot(x) + beta_k for x in all_x]
    all_values = [omega_v.dot(x) + beta_v for x in all_x]
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "copied line", "bias_of_another")
def beta_q_everywhere(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(np.matmul(omega_q, x) + beta_q)
        all_keys.append(np.matmul(omega_k, x) + beta_q)
        all_values.append(np.matmul(omega_v, x) + beta_q)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "a name used again", "input_overwritten")
def x_overwritten(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        x = omega_q @ x + beta_q
        all_queries.append(x)
        x = omega_k @ x + beta_k
        all_keys.append(x)
        x = omega_v @ x + beta_v
        all_values.append(x)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "loop", "return_inside_the_loop")
def returned_too_early(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(omega_q @ x + beta_q)
        all_keys.append(omega_k @ x + beta_k)
        all_values.append(omega_v @ x + beta_v)
        return all_queries, all_keys, all_values


@wrong("queries_keys_values", "loop", "last_one_only")
def lists_made_in_the_loop(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    for x in all_x:
        all_queries = []
        all_keys = []
        all_values = []
        all_queries.append(omega_q @ x + beta_q)
        all_keys.append(omega_k @ x + beta_k)
        all_values.append(omega_v @ x + beta_v)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "loop", "last_input_everywhere")
def filled_after_the_loop(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    for x in all_x:
        query = omega_q @ x + beta_q
        key = omega_k @ x + beta_k
        value = omega_v @ x + beta_v
    n = len(all_x)
    return [query] * n, [key] * n, [value] * n


@wrong("queries_keys_values", "nothing happened", "input_returned")
def x_appended(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        query, key, value = omega_q @ x + beta_q, omega_k @ x + beta_k, omega_v @ x + beta_v
        all_queries.append(x)
        all_keys.append(x)
        all_values.append(x)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "the form of the result", "columns_side_by_side")
def stacked_into_matrices(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    X = np.hstack(all_x)
    return omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v


@wrong("queries_keys_values", "the form of the result", says=r"returned a dictionary")
def a_dictionary(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    result = {"query": [], "key": [], "value": []}
    for x in all_x:
        result["query"].append(omega_q @ x + beta_q)
        result["key"].append(omega_k @ x + beta_k)
        result["value"].append(omega_v @ x + beta_v)
    return result


@wrong("queries_keys_values", "two mistakes", "omega_transposed", "bias_forgotten")
def transposed_and_no_bias(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries = [omega_q.T @ x for x in all_x]
    all_keys = [omega_k.T @ x for x in all_x]
    all_values = [omega_v.T @ x for x in all_x]
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "two mistakes", "bias_forgotten", "queries_and_keys_swapped")
def no_bias_keys_first(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    q, k, v = [], [], []
    for x in all_x:
        q.append(np.dot(omega_q, x))
        k.append(np.dot(omega_k, x))
        v.append(np.dot(omega_v, x))
    return k, q, v


@wrong("queries_keys_values", "two mistakes", "omega_transposed", "bias_subtracted")
def rows_and_minus(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append((x.T @ omega_q - beta_q.T).T)
        all_keys.append((x.T @ omega_k - beta_k.T).T)
        all_values.append((x.T @ omega_v - beta_v.T).T)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "two mistakes", "omega_transposed", "parameters_used_twice")
def transposed_and_values_of_the_keys(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(omega_q.T @ x + beta_q)
        all_keys.append(omega_k.T @ x + beta_k)
        all_values.append(omega_k.T @ x + beta_k)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "two mistakes", "bias_forgotten", "one_set_of_parameters")
def omega_q_three_times(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    projected = [omega_q @ x for x in all_x]
    return projected, projected, projected


@wrong("queries_keys_values", "two mistakes", "bias_of_another", "return_inside_the_loop")
def beta_q_and_too_early(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.append(omega_q @ x + beta_q)
        all_keys.append(omega_k @ x + beta_q)
        all_values.append(omega_v @ x + beta_q)
        return all_queries, all_keys, all_values


@wrong("queries_keys_values", "from another", "input_overwritten")
def value_of_the_key(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        key = omega_k @ x + beta_k
        all_queries.append(omega_q @ x + beta_q)
        all_keys.append(key)
        all_values.append(omega_v @ key + beta_v)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "transposed", "input_as_a_row")
def both_transposed(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    queries = [x.T @ omega_q.T + beta_q for x in all_x]
    keys = [x.T @ omega_k.T + beta_k for x in all_x]
    return queries, keys, [x.T @ omega_v.T + beta_v for x in all_x]


# ---------------------------------------------------------------- softmax of a list
@wrong("softmax", "the sum", "divided_by_how_many")
def divided_by_len(items_in):
    exps = np.exp(items_in)
    return exps / len(items_in)


@wrong("softmax", "loop", "divided_by_the_last")
def total_replaced(items_in):
    for item in items_in:
        total = np.exp(item)
    return np.array([np.exp(item) / total for item in items_in])


@wrong("softmax", "loop", "divided_by_the_sum_so_far")
def divided_while_adding(items_in):
    items_out = []
    total = 0
    for item in items_in:
        total = total + np.exp(item)
        items_out.append(np.exp(item) / total)
    return np.array(items_out)


@wrong("softmax", "another function", "another_base")
def powers_of_two(items_in):
    powers = np.array([2.0**item for item in items_in])
    return powers / powers.sum()


@wrong("softmax", "another function", "another_base")
def powers_of_ten(items_in):
    powers = np.power(10.0, np.array(items_in))
    return powers / np.sum(powers)


@wrong("softmax", "another function", "sigmoid_taken")
def one_over_one_plus(items_in):
    return 1 / (1 + np.exp(-np.array(items_in)))


@wrong("softmax", "another function", "logarithm_returned")
def log_softmax(items_in):
    items = np.array(items_in)
    return items - np.log(np.sum(np.exp(items)))


@wrong("softmax", "another function", "hard_maximum")
def one_for_the_largest(items_in):
    items = np.array(items_in)
    items_out = np.zeros_like(items)
    items_out[np.argmax(items)] = 1
    return items_out


@wrong("softmax", "the exponential", "exponential_forgotten")
def less_the_maximum_and_divided(items_in):
    items = np.array(items_in)
    return items / sum(items)


@wrong("softmax", "the exponential", "exponential_taken_last")
def exponential_of_the_shares(items_in):
    total = np.sum(items_in)
    return np.exp([item / total for item in items_in])


@wrong("softmax", "the sum", "divided_by_the_largest")
def shifted_exponentials(items_in):
    items = np.array(items_in)
    return np.exp(items - items.max())


@wrong("softmax", "the sum", "divided_by_the_largest")
def exponentials_over_the_largest(items_in):
    exps = [np.exp(item) for item in items_in]
    return np.array([e / max(exps) for e in exps])


@wrong("softmax", "the sum", "sum_of_the_scores")
def over_the_plain_sum(items_in):
    items_out = []
    for item in items_in:
        items_out.append(np.exp(item) / np.sum(items_in))
    return np.array(items_out)


@wrong("softmax", "the sign", "sign_turned")
def max_minus_items(items_in):
    items = np.array(items_in)
    exps = np.exp(np.max(items) - items)
    return exps / exps.sum()


@wrong("softmax", "the axis", "each_number_alone")
def last_axis(items_in):
    exps = np.exp(np.array(items_in))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("softmax", "last step missing", "zeros_returned")
def prepared_array(items_in):
    items_out = np.zeros(np.shape(items_in))
    for n, item in enumerate(items_in):
        weight = np.exp(item) / np.sum(np.exp(items_in))
    return items_out


@wrong("softmax", "last step missing", "input_returned")
def items_handed_back(items_in):
    items_out = np.exp(items_in)
    items_out = items_out / np.sum(items_out)
    return items_in


@wrong("softmax", "last step missing", says=r"[Rr]ound")
def rounded_to_two_places(items_in):
    exps = np.exp(items_in)
    return np.round(exps / np.sum(exps), 2)


@wrong("softmax", "loop", says=r"return.* inside the loop")
def returned_the_first(items_in):
    items_out = []
    for item in items_in:
        items_out.append(np.exp(item) / np.sum(np.exp(items_in)))
        return items_out


@wrong("softmax", "kind of number", says=r"float16|[Hh]alf")
def in_half_precision(items_in):
    exps = np.exp(np.array(items_in, dtype=np.float16))
    return exps / exps.sum()


@wrong("softmax", "two mistakes", "sign_turned", "not_normalised")
def minus_and_no_sum(items_in):
    return np.exp(-np.array(items_in))


@wrong("softmax", "two mistakes", "sign_turned", "divided_by_how_many")
def minus_and_mean(items_in):
    items_out = []
    for item in items_in:
        items_out.append(np.exp(-item) / len(items_in))
    return items_out


@wrong("softmax", "two mistakes", "another_base", "not_normalised")
def bare_powers_of_two(items_in):
    return np.array([2**item for item in items_in])


@wrong("softmax", "two mistakes", "sign_turned", "divided_by_the_largest")
def minus_over_the_largest(items_in):
    exps = np.exp([-item for item in items_in])
    return exps / np.max(exps)


@wrong("softmax", "whole numbers", says=r"`out` is made for whole numbers")
def array_of_integers(items_in):
    out = np.zeros(len(items_in), dtype=int)
    exps = [np.exp(float(np.squeeze(i))) for i in items_in]
    for n, e in enumerate(exps):
        out[n] = e / sum(exps)
    return out


# ---------------------------------------------------------------- outputs, one at a time
@wrong("x_prime", "loop", "last_term_only")
def replaced_in_the_loop(all_queries, all_keys, all_values):
    all_x_prime = []
    for query in all_queries:
        attention = softmax([key.T @ query for key in all_keys])
        for m in range(len(all_values)):
            x_prime = attention[m] * all_values[m]
        all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "loop", "appended_in_the_inner_loop")
def every_term_appended(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        attention = softmax([np.dot(key.T, all_queries[n]) for key in all_keys])
        for m in range(len(all_values)):
            all_x_prime.append(attention[m] * all_values[m])
    return all_x_prime


@wrong("x_prime", "loop", "appended_in_the_inner_loop")
def every_partial_sum_appended(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        attention = softmax([np.dot(key.T, all_queries[n]) for key in all_keys])
        x_prime = np.zeros_like(all_values[0])
        for m in range(len(all_values)):
            x_prime = x_prime + attention[m] * all_values[m]
            all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "last step missing", "zeros_returned")
def appended_before_the_sum(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        attention = softmax([key.T @ all_queries[n] for key in all_keys])
        x_prime = np.zeros_like(all_values[0])
        all_x_prime.append(x_prime)
        for m in range(len(all_values)):
            x_prime = x_prime + attention[m] * all_values[m]
    return all_x_prime


@wrong("x_prime", "last step missing", "own_value_only")
def values_handed_back(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        attention = softmax([key.T @ all_queries[n] for key in all_keys])
        x_prime = all_values[n]
        all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "loop", "not_reset")
def sum_never_reset(all_queries, all_keys, all_values):
    all_x_prime = []
    x_prime = np.zeros_like(all_values[0])
    for n in range(len(all_queries)):
        attention = softmax([key.T @ all_queries[n] for key in all_keys])
        for m in range(len(all_values)):
            x_prime = x_prime + attention[m] * all_values[m]
        all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "loop", "return_inside_the_loop")
def returned_after_the_first(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        attention = softmax([key.T @ all_queries[n] for key in all_keys])
        x_prime = sum(a * v for a, v in zip(attention, all_values))
        all_x_prime.append(x_prime)
        return all_x_prime


@wrong("x_prime", "loop", "last_one_only")
def list_made_in_the_loop(all_queries, all_keys, all_values):
    for n in range(len(all_queries)):
        all_x_prime = []
        attention = softmax([key.T @ all_queries[n] for key in all_keys])
        all_x_prime.append(sum(a * v for a, v in zip(attention, all_values)))
    return all_x_prime


@wrong("x_prime", "the sum", "summed_to_one_number")
def sum_without_axis(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        attention = softmax([key.T @ all_queries[n] for key in all_keys])
        x_prime = np.sum([attention[m] * all_values[m] for m in range(3)])
        all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "the sum", "mean_for_the_sum")
def averaged(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        attention = softmax([key.T @ all_queries[n] for key in all_keys])
        all_x_prime.append(np.mean([attention[m] * all_values[m] for m in range(len(all_values))], axis=0))
    return all_x_prime


@wrong("x_prime", "the dot product", "outer_product")
def outer_products(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        all_km_qn = [key @ all_queries[n].T for key in all_keys]
        attention = softmax(all_km_qn)
        all_x_prime.append(sum(attention[m] @ all_values[m] for m in range(len(all_values))))
    return all_x_prime


@wrong("x_prime", "the dot product", "dot_product_by_feature")
def entry_by_entry(all_queries, all_keys, all_values):
    all_x_prime = []
    for query in all_queries:
        attention = softmax([query * key for key in all_keys])
        x_prime = 0
        for a, v in zip(attention, all_values):
            x_prime += a * v
        all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "the dot product", "mean_of_the_products")
def mean_of_products(all_queries, all_keys, all_values):
    all_x_prime = []
    for query in all_queries:
        attention = softmax([np.mean(query * key) for key in all_keys])
        all_x_prime.append(sum(a * v for a, v in zip(attention, all_values)))
    return all_x_prime


@wrong("x_prime", "the dot product", "distance_for_the_dot_product")
def euclidean_distance(all_queries, all_keys, all_values):
    all_x_prime = []
    for query in all_queries:
        attention = softmax([-np.sum((query - key) ** 2) for key in all_keys])
        all_x_prime.append(sum(a * v for a, v in zip(attention, all_values)))
    return all_x_prime


@wrong("x_prime", "the dot product", "lengths_divided_out")
def cosine(all_queries, all_keys, all_values):
    all_x_prime = []
    for q in all_queries:
        scores = [(q.T @ k) / (np.linalg.norm(q) * np.linalg.norm(k)) for k in all_keys]
        attention = softmax(scores)
        all_x_prime.append(sum(a * v for a, v in zip(attention, all_values)))
    return all_x_prime


@wrong("x_prime", "wrong vector", "first_query_for_all")
def always_query_zero(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        all_km_qn = [key.T @ all_queries[0] for key in all_keys]
        attention = softmax(all_km_qn)
        all_x_prime.append(sum(attention[m] * all_values[m] for m in range(len(all_values))))
    return all_x_prime


@wrong("x_prime", "wrong vector", "one_key_for_all")
def key_n_in_the_inner_loop(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        all_km_qn = []
        for m in range(len(all_keys)):
            all_km_qn.append(np.dot(all_keys[n].T, all_queries[n]))
        attention = softmax(all_km_qn)
        all_x_prime.append(sum(attention[m] * all_values[m] for m in range(len(all_values))))
    return all_x_prime


@wrong("x_prime", "wrong vector", "values_compared")
def values_asked(all_queries, all_keys, all_values):
    all_x_prime = []
    for query in all_queries:
        attention = softmax([value.T @ query for value in all_values])
        all_x_prime.append(sum(a * v for a, v in zip(attention, all_values)))
    return all_x_prime


@wrong("x_prime", "wrong vector", "keys_summed")
def sum_of_keys(all_queries, all_keys, all_values):
    outputs = []
    for query in all_queries:
        weights = softmax([float((key * query).sum()) for key in all_keys])
        output = np.zeros(all_keys[0].shape)
        for weight, key in zip(weights, all_keys):
            output += weight * key
        outputs.append(output)
    return outputs


@wrong("x_prime", "wrong vector", "own_weight_for_all")
def weight_n(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        attention = softmax([key.T @ all_queries[n] for key in all_keys])
        x_prime = sum(attention[n] * all_values[m] for m in range(len(all_values)))
        all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "softmax", "no_softmax")
def dot_products_as_weights(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_queries)):
        attention = [key.T @ all_queries[n] for key in all_keys]
        all_x_prime.append(attention[0] * all_values[0] + attention[1] * all_values[1] + attention[2] * all_values[2])
    return all_x_prime


@wrong("x_prime", "softmax", "hard_maximum")
def only_the_best_key(all_queries, all_keys, all_values):
    all_x_prime = []
    for query in all_queries:
        scores = [(key.T @ query).item() for key in all_keys]
        all_x_prime.append(all_values[int(np.argmax(scores))])
    return all_x_prime


@wrong("x_prime", "two mistakes", "no_softmax")
def key_asks_without_softmax(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(len(all_keys)):
        attention = [query.T @ all_keys[n] for query in all_queries]
        all_x_prime.append(sum(attention[m] * all_values[m] for m in range(len(all_values))))
    return all_x_prime


@wrong("x_prime", "two mistakes", "already_scaled", "last_term_only")
def scaled_and_replaced(all_queries, all_keys, all_values):
    all_x_prime = []
    for query in all_queries:
        attention = softmax([key.T @ query / np.sqrt(len(query)) for key in all_keys])
        for m in range(len(all_values)):
            x_prime = attention[m] * all_values[m]
        all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "two mistakes", "queries_and_keys_swapped", "already_scaled")
def key_asks_and_scaled(all_queries, all_keys, all_values):
    d = all_keys[0].shape[0]
    outputs = []
    for key in all_keys:
        attention = softmax([(query.T @ key) / d**0.5 for query in all_queries])
        outputs.append(sum(attention[m] * all_values[m] for m in range(3)))
    return outputs


@wrong("x_prime", "two mistakes", "weights_not_normalised", "last_term_only")
def exponentials_and_replaced(all_queries, all_keys, all_values):
    all_x_prime = []
    for query in all_queries:
        attention = np.exp([(key.T @ query).item() for key in all_keys])
        for a, v in zip(attention, all_values):
            x_prime = a * v
        all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "two mistakes", "already_scaled", "not_reset")
def scaled_and_never_reset(all_queries, all_keys, all_values):
    all_x_prime = []
    x_prime = 0
    for query in all_queries:
        attention = softmax([np.dot(key.T, query) / math.sqrt(len(key)) for key in all_keys])
        for a, v in zip(attention, all_values):
            x_prime = x_prime + a * v
        all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "two mistakes", "mean_of_the_products", "own_weight_for_all")
def mean_and_weight_n(all_queries, all_keys, all_values):
    all_x_prime = []
    for n, query in enumerate(all_queries):
        attention = softmax([np.mean(key * query) for key in all_keys])
        all_x_prime.append(attention[n] * sum(all_values))
    return all_x_prime


@wrong("x_prime", "one array", says=r"All entries of your list are one and the same array, `x_prime`")
def one_array_for_all(all_queries, all_keys, all_values):
    all_x_prime = []
    x_prime = np.zeros(all_values[0].shape)
    for query in all_queries:
        attention = softmax([key.T @ query for key in all_keys])
        x_prime[:] = 0
        for m in range(len(all_values)):
            x_prime += attention[m] * all_values[m]
        all_x_prime.append(x_prime)
    return all_x_prime


@wrong("x_prime", "the weights", "one_key_for_all")
def mean_of_the_values(all_queries, all_keys, all_values):
    all_x_prime = []
    for query in all_queries:
        attention = softmax([key.T @ query for key in all_keys])
        all_x_prime.append(sum(all_values) / len(all_values))
    return all_x_prime


@wrong("x_prime", "the largest alone", "best_value_only")
def best_with_its_weight(all_queries, all_keys, all_values):
    all_x_prime = []
    for query in all_queries:
        attention = softmax([(key.T @ query).item() for key in all_keys])
        best = np.argmax(attention)
        all_x_prime.append(attention[best] * all_values[best])
    return all_x_prime


# ---------------------------------------------------------------- softmax of each column
@wrong("softmax_cols", "the axis", "each_row")
def axis_one(data_in):
    e = np.exp(data_in)
    return e / e.sum(axis=1, keepdims=True)


@wrong("softmax_cols", "the axis", "each_row")
def loop_over_rows(data_in):
    return np.array([softmax(row) for row in data_in])


@wrong("softmax_cols", "the axis", "everything")
def softmax_of_the_matrix(data_in):
    return softmax(data_in)


@wrong("softmax_cols", "the axis", "row_maximum_subtracted")
def stable_along_the_wrong_axis(data_in):
    shifted = data_in - data_in.max(axis=1).reshape(-1, 1)
    exps = np.exp(shifted)
    return exps / np.sum(exps, axis=0)


@wrong("softmax_cols", "loop", says=r"rows and columns are exchanged")
def columns_become_rows(data_in):
    columns = []
    for j in range(data_in.shape[1]):
        columns.append(softmax(data_in[:, j]))
    return np.array(columns)


@wrong("softmax_cols", "loop", "one_column_written")
def last_column_only(data_in):
    weights = np.zeros(data_in.shape)
    for j in range(data_in.shape[1]):
        column = softmax(data_in[:, j])
    weights[:, j] = column
    return weights


@wrong("softmax_cols", "loop", "one_column_written")
def returned_with_the_first_column(data_in):
    weights = np.zeros(data_in.shape)
    for j in range(data_in.shape[1]):
        weights[:, j] = softmax(data_in[:, j])
        return weights


@wrong("softmax_cols", "last step missing", "zeros_returned")
def never_written(data_in):
    result = np.zeros_like(data_in)
    for j in range(data_in.shape[1]):
        softmax(data_in[:, j])
    return result


@wrong("softmax_cols", "last step missing", "input_returned")
def data_handed_back(data_in):
    for column in data_in.T:
        column = softmax(column)
    return data_in


@wrong("softmax_cols", "the sum", "divided_by_how_many")
def divided_by_the_rows(data_in):
    return np.exp(data_in) / data_in.shape[0]


@wrong("softmax_cols", "the sign", "sign_turned")
def negative_exponents(data_in):
    exps = np.exp(-data_in)
    return exps / exps.sum(axis=0)


@wrong("softmax_cols", "another function", "hard_maximum")
def argmax_of_columns(data_in):
    return (data_in == data_in.max(axis=0)).astype(float)


@wrong("softmax_cols", "last step missing", says=r"[Rr]ound")
def rounded_columns(data_in):
    exps = np.exp(data_in)
    return (exps / exps.sum(axis=0)).round(3)


@wrong("softmax_cols", "two mistakes", "each_row", "sign_turned")
def rows_and_minus_sign(data_in):
    exps = np.exp(-data_in)
    return exps / np.sum(exps, axis=1)[:, np.newaxis]


@wrong("softmax_cols", "two mistakes", "each_row", "exponential_forgotten")
def rows_without_exponential(data_in):
    return data_in / data_in.sum(axis=1, keepdims=True)


@wrong("softmax_cols", "two mistakes", "row_maximum_subtracted", "not_normalised")
def shifted_by_row_not_divided(data_in):
    return np.exp(data_in - np.max(data_in, axis=1, keepdims=True))


@wrong("softmax_cols", "in place", "sum_changes")
def divided_in_place(data_in):
    exp_values = np.exp(data_in)
    for j in range(exp_values.shape[1]):
        for i in range(exp_values.shape[0]):
            exp_values[i, j] = exp_values[i, j] / exp_values[:, j].sum()
    return exp_values


# ---------------------------------------------------------------- self-attention with matrices
@wrong("self_attention", "transposed", "queries_and_keys_swapped")
def queries_left(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    Q = np.dot(omega_q, X) + beta_q
    K = np.dot(omega_k, X) + beta_k
    V = np.dot(omega_v, X) + beta_v
    return V @ softmax_cols(np.dot(Q.T, K))


@wrong("self_attention", "last step missing", "weights_returned")
def attention_returned(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries = omega_q @ X + beta_q
    keys = omega_k @ X + beta_k
    values = omega_v @ X + beta_v
    return softmax_cols(keys.T @ queries)


@wrong("self_attention", "last step missing", "values_returned")
def values_without_weights(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries = omega_q @ X + beta_q
    keys = omega_k @ X + beta_k
    values = omega_v @ X + beta_v
    attention = softmax_cols(keys.T @ queries)
    return values


@wrong("self_attention", "last step missing", "zeros_returned")
def zeros_returned(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    X_prime = np.zeros(X.shape)
    A = softmax_cols((omega_k @ X + beta_k).T @ (omega_q @ X + beta_q))
    for n in range(X.shape[1]):
        x_n = (omega_v @ X + beta_v) @ A[:, n]
    return X_prime


@wrong("self_attention", "loop", "one_column_written")
def only_the_last_output(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    X_prime = np.zeros(X.shape)
    A = softmax_cols((omega_k @ X + beta_k).T @ (omega_q @ X + beta_q))
    for n in range(X.shape[1]):
        x_n = (omega_v @ X + beta_v) @ A[:, n]
    X_prime[:, n] = x_n
    return X_prime


@wrong("self_attention", "last step missing", "input_returned")
def X_returned(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    values = omega_v @ X + beta_v
    X_prime = values @ softmax_cols((omega_k @ X + beta_k).T @ (omega_q @ X + beta_q))
    return X


@wrong("self_attention", "the axis", "softmax_over_queries")
def softmax_of_rows(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    exps = np.exp(keys.T @ queries)
    attention = exps / exps.sum(axis=1, keepdims=True)
    return values @ attention


@wrong("self_attention", "transposed", "features_compared")
def features_with_features(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    attention = softmax_cols(keys @ queries.T)
    return (values.T @ attention).T


@wrong("self_attention", "biases", "biases_as_rows")
def flattened_biases(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries = omega_q @ X + beta_q.flatten()
    keys = omega_k @ X + beta_k.flatten()
    values = omega_v @ X + beta_v.flatten()
    return values @ softmax_cols(keys.T @ queries)


@wrong("self_attention", "copied line", "omega_of_another")
def omega_k_twice(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries = omega_q @ X + beta_q
    keys = omega_k @ X + beta_k
    values = omega_k @ X + beta_v
    return values @ softmax_cols(keys.T @ queries)


@wrong("self_attention", "transposed", "matrices_transposed")
def omegas_transposed(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries = omega_q.T @ X + beta_q
    keys = omega_k.T @ X + beta_k
    values = omega_v.T @ X + beta_v
    return values @ softmax_cols(keys.T @ queries)


@wrong("self_attention", "two mistakes", "softmax_over_queries", "bias_forgotten")
def rows_and_no_bias(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X, omega_k @ X, omega_v @ X
    exps = np.exp(k.T @ q)
    return v @ (exps / exps.sum(axis=1, keepdims=True))


@wrong("self_attention", "two mistakes", "already_scaled", "queries_and_keys_swapped")
def scaled_and_swapped(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return v @ softmax_cols(q.T @ k / np.sqrt(q.shape[0]))


@wrong("self_attention", "two mistakes", "already_scaled", "softmax_over_everything")
def scaled_and_one_softmax(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return v @ softmax((k.T @ q) / q.shape[0] ** 0.5)


@wrong("self_attention", "two mistakes", "no_softmax", "bias_forgotten")
def no_softmax_no_bias(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    return (omega_v @ X) @ ((omega_k @ X).T @ (omega_q @ X))


@wrong("self_attention", "two mistakes", "softmax_over_everything")
def one_softmax_and_transposed(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    attention = softmax(k.T @ q)
    return v @ attention.T


@wrong("self_attention", "two mistakes", "matrices_transposed", "bias_forgotten")
def transposed_without_biases(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q.T @ X, omega_k.T @ X, omega_v.T @ X
    return v @ softmax_cols(k.T @ q)


@wrong("self_attention", "parameters", "bias_of_another")
def two_biases_exchanged(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    values, queries = omega_v @ X + beta_q, omega_q @ X + beta_v
    return values @ softmax_cols((omega_k @ X + beta_k).T @ queries)


# ---------------------------------------------------------------- self-attention with scaled scores
@wrong("scaled_self_attention", "the scale", "not_scaled")
def scaled_under_another_name(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = k.T @ q
    scaled_scores = scores / np.sqrt(q.shape[0])
    return v @ softmax_cols(scores)


@wrong("scaled_self_attention", "the scale", "divided_without_the_root")
def divided_by_D(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return v @ softmax_cols(k.T @ q / len(q))


@wrong("scaled_self_attention", "the scale", "half_of_d_k")
def power_before_division(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    d = q.shape[0] ** 1 / 2
    return v @ softmax_cols(k.T @ q / d)


@wrong("scaled_self_attention", "the scale", "divided_by_d_k_and_two")
def divided_by_d_power_then_two(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    scores = k.T @ q
    return v @ softmax_cols(scores / q.shape[0] ** 1 / 2)


@wrong("scaled_self_attention", "the scale", "root_of_the_number_of_inputs")
def root_of_columns(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return v @ softmax_cols(k.T @ q / np.sqrt(q.shape[-1]))


@wrong("scaled_self_attention", "the scale", "root_of_all_numbers")
def root_of_size(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return v @ softmax_cols(k.T @ q / np.sqrt(q.size))


@wrong("scaled_self_attention", "the scale", "divided_after_the_softmax")
def weights_divided(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    attention = softmax_cols(k.T @ q)
    attention = attention / np.sqrt(q.shape[0])
    return v @ attention


@wrong("scaled_self_attention", "last step missing", "weights_returned")
def scaled_attention_returned(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return softmax_cols(k.T @ q / np.sqrt(q.shape[0]))


@wrong("scaled_self_attention", "Python's signs", says=r"\^|\*\*")
def caret_for_power(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return v @ softmax_cols(k.T @ q / q.shape[0] ^ 0.5)


@wrong("scaled_self_attention", "two mistakes", "softmax_over_queries", "not_scaled")
def wrong_axis_and_not_scaled(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    exps = np.exp(k.T @ q)
    return v @ (exps / exps.sum(axis=1, keepdims=True))


@wrong("scaled_self_attention", "two mistakes", "divided_without_the_root", "queries_and_keys_swapped")
def divided_by_D_and_swapped(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return v @ softmax_cols(q.T @ k / q.shape[0])


@wrong("scaled_self_attention", "two mistakes", "not_scaled", "weights_transposed")
def not_scaled_and_transposed(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return v @ softmax_cols(k.T @ q).T


@wrong("scaled_self_attention", "two mistakes", "multiplied_by_the_root", "softmax_over_queries")
def multiplied_and_rows(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    exps = np.exp(k.T @ q * q.shape[0] ** 0.5)
    return v @ (exps / exps.sum(axis=1, keepdims=True))


@wrong("scaled_self_attention", "two mistakes", "half_of_d_k", "bias_forgotten")
def half_and_no_bias(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q @ X, omega_k @ X, omega_v @ X
    return v @ softmax_cols((k.T @ q) / (q.shape[0] ** 1 / 2))


@wrong("scaled_self_attention", "two mistakes", "not_scaled", "matrices_transposed")
def transposed_and_not_scaled(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    q, k, v = omega_q.T @ X + beta_q, omega_k.T @ X + beta_k, omega_v.T @ X + beta_v
    return v @ softmax_cols(k.T @ q)


@wrong("scaled_self_attention", "scaled elsewhere", "inputs_divided")
def inputs_over_the_root(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    X = X / np.sqrt(X.shape[0])
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(keys.T @ queries)


@wrong("scaled_self_attention", "precedence", "query_divided_before_its_bias")
def bias_after_the_division(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries = omega_q @ X / np.sqrt(X.shape[0]) + beta_q
    keys, values = omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(keys.T @ queries)


# ---------------------------------------------------------------- rows, batches, masks
@wrong("scaled_dot_product_attention", "the axis", "sums_without_keepdims")
def no_keepdims(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    exps = np.exp(scores)
    weights = exps / exps.sum(axis=-1)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "the axis", "softmax_over_everything")
def sum_of_all(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    exps = np.exp(scores - np.max(scores))
    weights = exps / np.sum(exps)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "the scale", "root_of_all_numbers")
def root_of_key_size(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.size)
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "the scale", "root_of_the_number_of_axes")
def root_of_ndim(query, key, value, mask=None):
    d_k = len(key.shape)
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(d_k)
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "the scale", "divided_by_d_k_and_two")
def d_k_to_the_first_and_half(query, key, value, mask=None):
    d_k = key.shape[-1]
    scores = query @ np.swapaxes(key, -1, -2) / d_k**1 / 2
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "the mask", "mask_inverted")
def where_with_places_exchanged(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "the mask", "mask_dropped")
def result_of_where_not_kept(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        np.where(mask == 1, -1e9, scores)
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "the mask", "mask_after_softmax")
def weights_times_keep(query, key, value, mask=None):
    weights = softmax_rows(query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1]))
    if mask is not None:
        weights = np.where(mask == 1, 0.0, weights)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "the mask", says=r"large enough")
def minus_ten(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = scores - 10 * mask
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "last step missing", "values_returned")
def value_returned(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    weights = softmax_rows(scores)
    return value, weights


@wrong("scaled_dot_product_attention", "last step missing", "zeros_returned")
def output_never_filled(query, key, value, mask=None):
    output = np.zeros(query.shape[:-1] + value.shape[-1:])
    _, weights = scaled_dot_product_attention(query, key, value, mask)
    return output, weights


@wrong("scaled_dot_product_attention", "last step missing", says=r"returned one array")
def output_alone(query, key, value, mask=None):
    output, _ = scaled_dot_product_attention(query, key, value, mask)
    return output


@wrong("scaled_dot_product_attention", "another function", "hard_maximum")
def argmax_weights(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    weights = np.eye(scores.shape[-1])[scores.argmax(axis=-1)]
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "another function", "sigmoid_taken")
def sigmoid_weights(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    weights = 1 / (1 + np.exp(-scores))
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "the sum", "mean_for_the_sum")
def mean_of_the_values(query, key, value, mask=None):
    _, weights = scaled_dot_product_attention(query, key, value, mask)
    output = (weights[..., np.newaxis] * value[..., np.newaxis, :, :]).mean(axis=-2)
    return output, weights


@wrong("scaled_dot_product_attention", "the sum", "divided_by_the_mean")
def normalised_by_the_mean(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    exps = np.exp(scores)
    weights = exps / exps.mean(axis=-1, keepdims=True)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "the sign", "sign_turned")
def minus_in_the_exponent(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    exps = np.exp(-scores)
    if mask is not None:
        exps = np.where(mask == 1, 0, exps)
    weights = exps / exps.sum(axis=-1, keepdims=True)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "torch habit", says=r"masked_fill|np\.where")
def masked_fill(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(mask == 1, -1e9)
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "torch habit", says=r"key\.shape\[-1\]|\.shape\[")
def size_of_minus_one(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / math.sqrt(key.size(-1))
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "batches", "one_sequence_only")
def key_T(query, key, value, mask=None):
    scores = np.dot(query, key.T) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = scores + mask * -1e9
    weights = softmax_rows(scores)
    return np.dot(weights, value), weights


@wrong("scaled_dot_product_attention", "kind of number", says=r"float16|[Hh]alf")
def half_precision(query, key, value, mask=None):
    query, key, value = (a.astype(np.float16) for a in (query, key, value))
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = np.where(mask == 1, np.float16(-6e4), scores)
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "two mistakes", "not_scaled", "mask_inverted")
def unscaled_and_keeps(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2)
    if mask is not None:
        scores = np.where(mask == 0, -np.inf, scores)
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "two mistakes", "not_scaled", "mask_dropped")
def unscaled_and_unmasked(query, key, value, mask=None):
    weights = softmax_rows(query @ np.swapaxes(key, -1, -2))
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "two mistakes", "divided_without_the_root", "mask_after_softmax")
def d_k_and_late_mask(query, key, value, mask=None):
    weights = softmax_rows(query @ np.swapaxes(key, -1, -2) / key.shape[-1])
    if mask is not None:
        weights = weights * (1 - mask)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "two mistakes", "softmax_over_queries", "not_scaled")
def wrong_axis_unscaled(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2)
    if mask is not None:
        scores = scores + mask * -1e9
    exps = np.exp(scores - scores.max(axis=-2, keepdims=True))
    weights = exps / exps.sum(axis=-2, keepdims=True)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "two mistakes", "mask_added", "half_of_d_k")
def mask_added_and_half(query, key, value, mask=None):
    d_k = key.shape[-1]
    scores = query @ np.swapaxes(key, -1, -2) / (d_k**1 / 2)
    if mask is not None:
        scores = scores + mask
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "two mistakes", "softmax_over_everything", "mask_dropped")
def one_softmax_no_mask(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    weights = softmax(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "two mistakes", "multiplied_by_the_root", "hidden_scores_zero")
def multiplied_and_zeroed(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) * np.sqrt(key.shape[-1])
    if mask is not None:
        scores = scores * (1 - mask)
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "two mistakes", "not_scaled", "weights_not_normalised")
def unscaled_exponentials(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2)
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    weights = np.exp(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "two mistakes", "not_scaled", "returned_backwards")
def unscaled_weights_first(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2)
    if mask is not None:
        scores = np.where(mask == 1, -1e9, scores)
    weights = softmax_rows(scores)
    return weights, weights @ value


@wrong("scaled_dot_product_attention", "two mistakes", "mask_inverted", "keys_summed")
def keeps_and_sums_keys(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = np.where(mask == 1, scores, -np.inf)
    weights = softmax_rows(scores)
    return weights @ key, weights


# ---------------------------------------------------------------- a class for self-attention
@wrong("self_attention_class", "copied line", "values_by_the_key_matrix")
class values_by_w_k:
    def __init__(self, W_q, W_k, W_v):
        self.W_q = W_q
        self.W_k = W_k
        self.W_v = W_k

    def compute_attention(self, x):
        return scaled_dot_product_attention(x @ self.W_q, x @ self.W_k, x @ self.W_v)


@wrong("self_attention_class", "wrong order", "key_and_value_matrices_swapped")
class value_before_key:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        Q = x @ self.W_q
        K = x @ self.W_k
        V = x @ self.W_v
        return scaled_dot_product_attention(Q, V, K)


@wrong("self_attention_class", "the scale", "divided_without_the_root")
class scaled_once_more:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        Q = np.matmul(x, self.W_q) / np.sqrt(self.W_k.shape[1])
        return scaled_dot_product_attention(Q, np.matmul(x, self.W_k), np.matmul(x, self.W_v))


@wrong("self_attention_class", "nothing projected", "keys_and_values_not_projected")
class only_the_query_projected:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        query = x @ self.W_q
        return scaled_dot_product_attention(query, x, x)


@wrong("self_attention_class", "class", says=r"compute_attention")
class called_forward:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def forward(self, x):
        return scaled_dot_product_attention(x @ self.W_q, x @ self.W_k, x @ self.W_v)


@wrong("self_attention_class", "class", says=r"self\.W_q|__init__")
class matrices_not_kept:
    def __init__(self, W_q, W_k, W_v):
        query, key, value = W_q, W_k, W_v

    def compute_attention(self, x):
        return scaled_dot_product_attention(x @ self.W_q, x @ self.W_k, x @ self.W_v)


@wrong("self_attention_class", "two mistakes", "values_not_projected", "one_matrix_for_queries_and_keys")
class queries_twice_and_values_raw:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        q = x @ self.W_q
        k = x @ self.W_q
        return scaled_dot_product_attention(q, k, x)


@wrong("self_attention_class", "two mistakes", "not_scaled", "softmax_over_queries")
class own_attention_with_faults:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        q, k, v = x @ self.W_q, x @ self.W_k, x @ self.W_v
        exps = np.exp(q @ np.swapaxes(k, -1, -2))
        weights = exps / exps.sum(axis=-2, keepdims=True)
        return weights @ v, weights


@wrong("self_attention_class", "two mistakes", "values_by_the_key_matrix", "returned_backwards")
class keys_as_values_backwards:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        output, weights = scaled_dot_product_attention(x @ self.W_q, x @ self.W_k, x @ self.W_k)
        return weights, output


@wrong("self_attention_class", "two mistakes", "matrices_transposed", "not_scaled")
class transposed_and_unscaled:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        q, k, v = x @ self.W_q.T, x @ self.W_k.T, x @ self.W_v.T
        weights = softmax_rows(q @ np.swapaxes(k, -1, -2))
        return weights @ v, weights


# ---------------------------------------------------------------- cross-attention
@wrong("cross_attention", "wrong sentence", "values_from_the_asking_sentence")
def values_of_the_asker(x_query, x_key_value, W_q, W_k, W_v):
    query, key, value = x_query @ W_q, x_key_value @ W_k, x_query @ W_v
    return scaled_dot_product_attention(query, key, value)


@wrong("cross_attention", "wrong sentence", "sentences_swapped")
def the_other_asks(x_query, x_key_value, W_q, W_k, W_v):
    return scaled_dot_product_attention(np.dot(x_key_value, W_q), np.dot(x_query, W_k), np.dot(x_query, W_v))


@wrong("cross_attention", "projections", "values_not_projected")
def the_sentence_itself_mixed(x_query, x_key_value, W_q, W_k, W_v):
    return scaled_dot_product_attention(x_query @ W_q, x_key_value @ W_k, x_key_value)


@wrong("cross_attention", "wrong order", "key_and_value_matrices_swapped")
def w_v_for_the_keys(x_query, x_key_value, W_q, W_k, W_v):
    query = x_query @ W_q
    key = x_key_value @ W_v
    value = x_key_value @ W_k
    return scaled_dot_product_attention(query, key, value)


@wrong("cross_attention", "last step missing", "values_returned")
def projected_values_returned(x_query, x_key_value, W_q, W_k, W_v):
    value = x_key_value @ W_v
    output, weights = scaled_dot_product_attention(x_query @ W_q, x_key_value @ W_k, value)
    return value, weights


@wrong("cross_attention", "copied line", "query_and_key_matrices_swapped")
def matrices_exchanged(x_query, x_key_value, W_q, W_k, W_v):
    q = np.matmul(x_query, W_k)
    k = np.matmul(x_key_value, W_q)
    v = np.matmul(x_key_value, W_v)
    return scaled_dot_product_attention(q, k, v)


@wrong("cross_attention", "two mistakes", "sentences_swapped", "returned_backwards")
def the_other_asks_backwards(x_query, x_key_value, W_q, W_k, W_v):
    output, weights = scaled_dot_product_attention(x_key_value @ W_q, x_query @ W_k, x_query @ W_v)
    return weights, output


@wrong("cross_attention", "two mistakes", "second_sentence_ignored", "values_by_the_key_matrix")
def asks_itself_with_w_k(x_query, x_key_value, W_q, W_k, W_v):
    q = x_query @ W_q
    k = x_query @ W_k
    v = x_query @ W_k
    return scaled_dot_product_attention(q, k, v)


@wrong("cross_attention", "two mistakes", "values_from_the_asking_sentence", "not_scaled")
def own_values_unscaled(x_query, x_key_value, W_q, W_k, W_v):
    q, k, v = x_query @ W_q, x_key_value @ W_k, x_query @ W_v
    weights = softmax_rows(q @ np.swapaxes(k, -1, -2))
    return weights @ v, weights


@wrong("cross_attention", "two mistakes", "sentences_swapped", "values_not_projected")
def the_other_asks_for_words(x_query, x_key_value, W_q, W_k, W_v):
    return scaled_dot_product_attention(x_key_value @ W_q, x_query @ W_k, x_query)


# ---------------------------------------------------------------- find the bug
@wrong("find_the_bug", "nothing happened", "never_scaled")
def copied_as_it_was(query, key, scaled=True):
    scores = query @ key.T
    if scaled:
        scaled_scores = np.divide(scores, np.sqrt(key.shape[-1]))
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_bug", "the switch", "zero_scores_when_off")
def switch_as_a_factor(query, key, scaled=True):
    scores = query @ key.T / np.sqrt(key.shape[-1]) * scaled
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_bug", "the switch", "switch_turned_round")
def scaled_in_the_else(query, key, scaled=True):
    scores = query @ key.T
    if not scaled:
        scores = scores / np.sqrt(key.shape[-1])
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_bug", "the scale", "multiplied_by_the_root")
def multiplied_in_place(query, key, scaled=True):
    scores = query @ key.T
    if scaled:
        scores *= np.sqrt(key.shape[-1])
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_bug", "the scale", "root_of_the_number_of_keys")
def root_of_len(query, key, scaled=True):
    scores = query @ key.T
    if scaled:
        scores = scores / np.sqrt(len(key))
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_bug", "the scale", "divided_after_the_softmax")
def weights_divided_if_asked(query, key, scaled=True):
    scores = query @ key.T
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exps / exps.sum(axis=-1, keepdims=True)
    return weights / np.sqrt(key.shape[-1]) if scaled else weights


@wrong("find_the_bug", "the scale", "half_of_d_k")
def power_of_one_over_two(query, key, scaled=True):
    scores = query @ key.T
    if scaled:
        scores = scores / (key.shape[-1] ** 1 / 2)
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_bug", "last step missing", "scores_returned")
def mended_but_scores(query, key, scaled=True):
    scores = query @ key.T
    if scaled:
        scores = np.divide(scores, np.sqrt(key.shape[-1]))
    return scores


@wrong("find_the_bug", "two mistakes", "always_scaled", "divided_without_the_root")
def divided_by_d_k_always(query, key, scaled=True):
    scores = query @ key.T / key.shape[-1]
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


@wrong("find_the_bug", "two mistakes", "never_scaled", "softmax_over_queries")
def other_axis_unmended(query, key, scaled=True):
    scores = query @ key.T
    if scaled:
        np.divide(scores, np.sqrt(key.shape[-1]))
    exps = np.exp(scores - scores.max(axis=0, keepdims=True))
    return exps / exps.sum(axis=0, keepdims=True)


@wrong("find_the_bug", "two mistakes", "switch_turned_round", "weights_not_normalised")
def turned_and_not_divided(query, key, scaled=True):
    scores = query @ key.T
    if not scaled:
        scores /= np.sqrt(key.shape[-1])
    return np.exp(scores)


# ---------------------------------------------------------------- one product for query, key and value
@wrong("project_qkv", "the cut", "cut_by_d_model")
def width_of_an_embedding(embedding_matrix, W):
    qkv = embedding_matrix @ W
    d = embedding_matrix.shape[-1]
    return qkv[:, :d], qkv[:, d : 2 * d], qkv[:, 2 * d : 3 * d]


@wrong("project_qkv", "the cut", "cut_along_the_rows")
def rows_of_the_product(embedding_matrix, W):
    qkv = embedding_matrix @ W
    d = W.shape[1] // 3
    return qkv[:d], qkv[d : 2 * d], qkv[2 * d :]


@wrong("project_qkv", "the cut", "slices_overlap")
def ends_included(embedding_matrix, W):
    qkv = embedding_matrix @ W
    d = W.shape[1] // 3
    return qkv[:, :d], qkv[:, d - 1 : 2 * d], qkv[:, 2 * d - 1 :]


@wrong("project_qkv", "the cut", "second_slice_without_end")
def no_end_given(embedding_matrix, W):
    qkv = embedding_matrix @ W
    d = W.shape[1] // 3
    return qkv[:, :d], qkv[:, d:], qkv[:, 2 * d :]


@wrong("project_qkv", "wrong order", "keys_and_values_swapped")
def value_in_the_middle(embedding_matrix, W):
    d = W.shape[1] // 3
    query = embedding_matrix @ W[:, :d]
    value = embedding_matrix @ W[:, d : 2 * d]
    key = embedding_matrix @ W[:, 2 * d :]
    return query, key, value


@wrong("project_qkv", "last step missing", says=r"returned one array")
def the_product_alone(embedding_matrix, W):
    return embedding_matrix @ W


@wrong("project_qkv", "Python's signs", says=r"whole number|//")
def slices_by_a_float(embedding_matrix, W):
    d = W.shape[1] / 3
    qkv = embedding_matrix @ W
    return qkv[:, :d], qkv[:, d : 2 * d], qkv[:, 2 * d :]


@wrong("project_qkv", "two mistakes", "queries_and_keys_swapped", "slices_overlap")
def key_first_and_ends_included(embedding_matrix, W):
    qkv = embedding_matrix @ W
    d = W.shape[1] // 3
    return qkv[:, d - 1 : 2 * d], qkv[:, :d], qkv[:, 2 * d - 1 :]


@wrong("project_qkv", "two mistakes", "keys_and_values_swapped", "every_third_column")
def third_columns_value_second(embedding_matrix, W):
    qkv = embedding_matrix @ W
    return qkv[:, 0::3], qkv[:, 2::3], qkv[:, 1::3]


# ---------------------------------------------------------------- scaled dot-product attention in TensorFlow
@wrong("tf_scaled_dot_product_attention", "the scale", "not_scaled")
def tf_unscaled(query, key, value, mask=None):
    import tensorflow as tf

    scores = tf.matmul(query, key, transpose_b=True)
    if mask is not None:
        scores += mask * -1e9
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@wrong("tf_scaled_dot_product_attention", "the mask", "mask_inverted")
def tf_keeps(query, key, value, mask=None):
    import tensorflow as tf

    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(float(key.shape[-1]))
    if mask is not None:
        scores = tf.where(mask == 1, scores, -1e9)
    weights = tf.nn.softmax(scores)
    return weights @ value, weights


@wrong("tf_scaled_dot_product_attention", "the axis", "softmax_over_queries")
def tf_axis_minus_two(query, key, value, mask=None):
    import tensorflow as tf

    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(float(key.shape[-1]))
    if mask is not None:
        scores += mask * -1e9
    weights = tf.nn.softmax(scores, axis=-2)
    return weights @ value, weights


@wrong("tf_scaled_dot_product_attention", "another function", "sigmoid_taken")
def tf_sigmoid(query, key, value, mask=None):
    import tensorflow as tf

    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(float(key.shape[-1]))
    if mask is not None:
        scores += mask * -1e9
    weights = tf.sigmoid(scores)
    return weights @ value, weights


@wrong("tf_scaled_dot_product_attention", "another function", "logarithm_returned")
def tf_log_softmax(query, key, value, mask=None):
    import tensorflow as tf

    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(float(key.shape[-1]))
    if mask is not None:
        scores += mask * -1e9
    return tf.nn.softmax(scores) @ value, tf.nn.log_softmax(scores)


@wrong("tf_scaled_dot_product_attention", "batches", "one_sequence_only")
def tf_transpose_of_everything(query, key, value, mask=None):
    import tensorflow as tf

    scores = tf.matmul(query, tf.transpose(key)) / tf.sqrt(float(key.shape[-1]))
    if mask is not None:
        scores += mask * -1e9
    weights = tf.nn.softmax(scores)
    return weights @ value, weights


@wrong("tf_scaled_dot_product_attention", "NumPy habit", says=r"transpose_b")
def tf_with_T(query, key, value, mask=None):
    import tensorflow as tf

    scores = tf.matmul(query, key.T) / tf.sqrt(float(key.shape[-1]))
    weights = tf.nn.softmax(scores)
    return weights @ value, weights


@wrong("tf_scaled_dot_product_attention", "kinds of number", says=r"cast")
def tf_root_of_an_integer(query, key, value, mask=None):
    import tensorflow as tf

    d_k = tf.shape(key)[-1]
    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(d_k)
    weights = tf.nn.softmax(scores)
    return weights @ value, weights


@wrong("tf_scaled_dot_product_attention", "two mistakes", "not_scaled", "mask_dropped")
def tf_unscaled_unmasked(query, key, value, mask=None):
    import tensorflow as tf

    weights = tf.nn.softmax(tf.matmul(query, key, transpose_b=True), axis=-1)
    return tf.matmul(weights, value), weights


@wrong("tf_scaled_dot_product_attention", "two mistakes", "divided_without_the_root", "mask_added")
def tf_d_k_and_plain_mask(query, key, value, mask=None):
    import tensorflow as tf

    scores = tf.matmul(query, key, transpose_b=True) / key.shape[-1]
    if mask is not None:
        scores = scores + mask
    weights = tf.nn.softmax(scores)
    return tf.matmul(weights, value), weights


@wrong("tf_scaled_dot_product_attention", "two mistakes", "softmax_over_queries", "mask_dropped")
def tf_wrong_axis_and_no_mask(query, key, value, mask=None):
    import tensorflow as tf

    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(float(key.shape[-1]))
    weights = tf.nn.softmax(scores, axis=-2)
    return tf.matmul(weights, value), weights


# ---------------------------------------------------------------- in one branch alone
@wrong("scaled_dot_product_attention", "one branch", "not_scaled")
def masked_scores_of_the_raw_ones(query, key, value, mask=None):
    raw = query @ np.swapaxes(key, -1, -2)
    scores = raw / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = raw + mask * -1e9
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "one branch", "not_scaled")
def scaled_beside_the_mask_alone(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2)
    if mask is not None:
        scores = scores / np.sqrt(key.shape[-1])
        scores = np.where(mask == 1, -1e9, scores)
    weights = softmax_rows(scores)
    return weights @ value, weights


@wrong("scaled_dot_product_attention", "one branch", "no_softmax")
def returned_early_without_a_mask(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    if mask is None:
        return scores @ value, scores
    weights = softmax_rows(scores + mask * -1e9)
    return weights @ value, weights


@wrong("find_the_bug", "one branch", "scores_returned")
def scores_when_it_is_off(query, key, scaled=True):
    scores = query @ key.T
    if not scaled:
        return scores
    return softmax_rows(scores / np.sqrt(key.shape[-1]))


@wrong("find_the_bug", "one branch", says=r"as if all scores were 0\.1667 times")
def divided_when_it_is_off(query, key, scaled=True):
    scores = query @ key.T
    scores = scores / np.sqrt(key.shape[-1]) if scaled else scores / key.shape[-1]
    return softmax_rows(scores)


# ---------------------------------------------------------------- collected and handed over in another way
@wrong("queries_keys_values", "the form of the result", says=r"You returned triples")
def one_triple_for_each_input(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    return [(omega_q @ x + beta_q, omega_k @ x + beta_k, omega_v @ x + beta_v) for x in all_x]


@wrong("queries_keys_values", "loop", says=r"piece by piece: `all_queries\.append")
def extended_by_columns(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    all_queries, all_keys, all_values = [], [], []
    for x in all_x:
        all_queries.extend(omega_q @ x + beta_q)
        all_keys.extend(omega_k @ x + beta_k)
        all_values.extend(omega_v @ x + beta_v)
    return all_queries, all_keys, all_values


@wrong("queries_keys_values", "loop", says=r"`\+=` with an array adds numbers")
def added_to_a_list(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    queries, keys, values = [], [], []
    for x in all_x:
        queries += omega_q @ x + beta_q
        keys += omega_k @ x + beta_k
        values += omega_v @ x + beta_v
    return queries, keys, values


@wrong("queries_keys_values", "loop", says=r"holds what belongs to `keys` and `values`")
def values_among_the_keys(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    queries, keys, values = [], [], []
    for x in all_x:
        queries.append(omega_q @ x + beta_q)
        keys.append(omega_k @ x + beta_k)
        keys.append(omega_v @ x + beta_v)
        values.append(omega_v @ x + beta_v)
    return queries, keys, values


@wrong("x_prime", "loop", says=r"put into `scores` in one round is still there in the next")
def scores_of_all_queries_so_far(all_queries, all_keys, all_values):
    outputs, scores = [], []
    for query in all_queries:
        for key in all_keys:
            scores.append(key.T @ query)
        attention = softmax(scores)
        outputs.append(sum(a * v for a, v in zip(attention, all_values, strict=False)))
    return outputs


@wrong("x_prime", "loop", says=r"counts `m`, but nothing in it reads `m`")
def own_term_again_and_again(all_queries, all_keys, all_values):
    outputs = []
    for n in range(len(all_queries)):
        attention = softmax([key.T @ all_queries[n] for key in all_keys])
        total = 0
        for m in range(len(all_values)):
            total = total + attention[n] * all_values[n] / (n + 2)
        outputs.append(total)
    return outputs


@wrong("scaled_dot_product_attention", "the form of the result", says=r"returned a dictionary of 'output', 'weights'")
def with_names(query, key, value, mask=None):
    output, weights = scaled_dot_product_attention(query, key, value, mask)
    return {"output": output, "weights": weights}


@wrong("self_attention", "the form of the result", says=r"sum of what is expected along axis 1")
def outputs_added_up(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return (values @ softmax_cols(keys.T @ queries)).sum(axis=1)


# ---------------------------------------------------------------- something added, or another function
@wrong("queries_keys_values", "something added", says=r"with the argument `all_x` added")
def value_with_its_input(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    queries = [omega_q @ x + beta_q for x in all_x]
    keys = [omega_k @ x + beta_k for x in all_x]
    values = [x + omega_v @ x + beta_v for x in all_x]
    return queries, keys, values


@wrong("queries_keys_values", "another function", says=r"but 0 for negative ones")
def through_a_relu(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    layers = ((omega_q, beta_q), (omega_k, beta_k), (omega_v, beta_v))
    queries, keys, values = ([np.maximum(0, omega @ x + beta) for x in all_x] for omega, beta in layers)
    return queries, keys, values


@wrong("queries_keys_values", "the scale", says=r"divided by the square root of the length of axis 1")
def queries_scaled_at_once(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    queries = [(omega_q @ x + beta_q) / np.sqrt(len(x)) for x in all_x]
    return queries, [omega_k @ x + beta_k for x in all_x], [omega_v @ x + beta_v for x in all_x]


@wrong("x_prime", "something added", says=r"with the argument `all_queries` added")
def begun_with_the_query(all_queries, all_keys, all_values):
    outputs = []
    for query in all_queries:
        attention = softmax([key.T @ query for key in all_keys])
        x_prime = query.copy()
        for a, value in zip(attention, all_values, strict=True):
            x_prime += a * value
        outputs.append(x_prime)
    return outputs


@wrong("x_prime", "something added", says=r"with the first of `all_values` added")
def begun_with_the_first_value(all_queries, all_keys, all_values):
    outputs = []
    for query in all_queries:
        attention = softmax([key.T @ query for key in all_keys])
        x_prime = 1 * all_values[0]
        for m in range(len(all_values)):
            x_prime = x_prime + attention[m] * all_values[m]
        outputs.append(x_prime)
    return outputs


@wrong("softmax", "another function", says=r"divided by the sums that is not right")
def squares_shared_out(items_in):
    squares = np.square(items_in)
    return squares / squares.sum()


@wrong("softmax", "another function", says=r"as if all scores were 0\.5 times")
def cooler(items_in):
    exps = np.exp(np.array(items_in) / 2)
    return exps / exps.sum()


@wrong("softmax_cols", "the sum", says=r"times the length of axis 0 of `data_in`")
def mean_of_each_column(data_in):
    exps = np.exp(data_in)
    return exps / exps.mean(axis=0)


@wrong("softmax_cols", "the sum", "divided_by_the_sum_so_far")
def running_sums(data_in):
    exps = np.exp(data_in)
    return exps / exps.cumsum(axis=0)


@wrong("scaled_self_attention", "the scale", "divided_by_another_number")
def divided_by_a_norm(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
    queries, keys, values = omega_q @ X + beta_q, omega_k @ X + beta_k, omega_v @ X + beta_v
    return values @ softmax_cols(keys.T @ queries / np.linalg.norm(queries))


@wrong("scaled_dot_product_attention", "the sum", "output_of_something_else")
def exponentials_times_values(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    scores = scores if mask is None else scores + mask * -1e9
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exps / exps.sum(axis=-1, keepdims=True)
    return exps @ value, weights


@wrong("scaled_dot_product_attention", "the mask", "mask_dropped")
def mask_asked_what_it_is(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    weights = softmax_rows(np.where(mask is True, -1e9, scores))
    return weights @ value, weights


# ---------------------------------------------------------------- wrong vectors and matrices
@wrong("x_prime", "wrong vector", "keys_compared_with_keys")
def key_against_key(all_queries, all_keys, all_values):
    outputs = []
    for n in range(len(all_queries)):
        attention = softmax([key.T @ all_keys[n] for key in all_keys])
        outputs.append(sum(attention[m] * all_values[m] for m in range(len(all_values))))
    return outputs


@wrong("x_prime", "wrong vector", "queries_compared_with_queries")
def query_against_query(all_queries, all_keys, all_values):
    outputs = []
    for query in all_queries:
        attention = softmax([other.T @ query for other in all_queries])
        outputs.append(sum(a * value for a, value in zip(attention, all_values, strict=True)))
    return outputs


@wrong("x_prime", "wrong vector", "values_in_another_order")
def values_from_behind(all_queries, all_keys, all_values):
    outputs = []
    for query in all_queries:
        attention = softmax([key.T @ query for key in all_keys])
        outputs.append(sum(attention[m] * all_values[-m - 1] for m in range(len(all_values))))
    return outputs


@wrong("x_prime", "loop", "looks_back_only")
def keys_up_to_its_own(all_queries, all_keys, all_values):
    outputs = []
    for n, query in enumerate(all_queries):
        attention = softmax([key.T @ query for key in all_keys[: n + 1]])
        outputs.append(sum(a * value for a, value in zip(attention, all_values, strict=False)))
    return outputs


@wrong("x_prime", "last step missing", "weights_returned")
def weights_appended(all_queries, all_keys, all_values):
    outputs = []
    for query in all_queries:
        outputs.append(softmax([key.T @ query for key in all_keys]))
    return outputs


@wrong("self_attention_class", "transposed", "matrices_on_the_left")
class matrices_in_front:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        return scaled_dot_product_attention(self.W_q @ x, self.W_k @ x, self.W_v @ x)


@wrong("self_attention_class", "wrong order", "all_matrices_in_other_places")
class value_query_key:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        return scaled_dot_product_attention(x @ self.W_v, x @ self.W_q, x @ self.W_k)


@wrong("self_attention_class", "something added", "input_added")
class with_a_residual:
    def __init__(self, W_q, W_k, W_v):
        self.W_q, self.W_k, self.W_v = W_q, W_k, W_v

    def compute_attention(self, x):
        output, weights = scaled_dot_product_attention(x @ self.W_q, x @ self.W_k, x @ self.W_v)
        return x + output, weights


@wrong("cross_attention", "copied line", "keys_by_the_value_matrix")
def keys_through_w_v(x_query, x_key_value, W_q, W_k, W_v):
    return scaled_dot_product_attention(x_query @ W_q, x_key_value @ W_v, x_key_value @ W_v)


@wrong("cross_attention", "the mask", "looks_back_only")
def with_a_triangle(x_query, x_key_value, W_q, W_k, W_v):
    mask = np.triu(np.ones((x_query.shape[-2], x_key_value.shape[-2])), k=1)
    return scaled_dot_product_attention(x_query @ W_q, x_key_value @ W_k, x_key_value @ W_v, mask)


@wrong("softmax_cols", "the exponential", "numbers_divided")
def data_over_the_sums(data_in):
    exps = np.exp(data_in)
    return data_in / exps.sum(axis=0)


@wrong("softmax_cols", "two mistakes", "each_row")
def rows_and_a_transpose(data_in):
    exps = np.exp(data_in)
    return (exps / exps.sum(axis=1, keepdims=True)).T
