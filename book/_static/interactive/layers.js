/* The functions of chapters 4 to 8 in JavaScript, under their names. There is one sentence at a time, so the batch axis
   is left out: x (T, d) is a list of T rows, each a typed array of d numbers, and heads are a list of H such matrices. */
"use strict";

Seeing.layers = (() => {
  /* x (T, n) times W (n, m), plus b (m,): (T, m). */
  function dense(x, W, b) {
    return x.map(row => {
      const out = Float64Array.from(b);
      for (let i = 0; i < row.length; i++) {
        for (let j = 0, weights = W[i], value = row[i]; j < out.length; j++) out[j] += value * weights[j];
      }
      return out;
    });
  }

  /* The sum of rows (T, d), each times its weight: (d,). */
  function weightedSum(weights, rows) {
    const out = new Float64Array(rows[0].length);
    rows.forEach((row, t) => row.forEach((value, j) => { out[j] += weights[t] * value; }));
    return out;
  }

  /* query (T_q, d_k), key (T_k, d_k), value (T_k, d_v); the mask (T_q or 1, T_k) has 1 where a key is hidden. */
  function scaledDotProductAttention(query, key, value, mask) {
    const weights = query.map((q, i) => {
      const hidden = mask[Math.min(i, mask.length - 1)];
      return Seeing.softmax(Float64Array.from(key, (k, j) => Seeing.dot(q, k) / Math.sqrt(k.length) - 1e9 * hidden[j]));
    });
    return { output: weights.map(row => weightedSum(row, value)), weights };
  }

  /* x (T, d_model) as heads (H, T, d_k): head h has the columns from h d_k on. */
  function splitHeads(x, numHeads) {
    const depth = x[0].length / numHeads;
    return Array.from({ length: numHeads }, (_, h) => x.map(row => row.subarray(h * depth, (h + 1) * depth)));
  }

  /* Heads (H, T, d_k) side by side again: (T, d_model). */
  function mergeHeads(heads) {
    return heads[0].map((_, t) => Float64Array.from(heads.flatMap(head => [...head[t]])));
  }

  function multiHeadAttention({ query, key, value, weights, numHeads, mask }) {
    const [q, k, v] = [[query, "q"], [key, "k"], [value, "v"]].map(
      ([x, name]) => splitHeads(dense(x, weights[`W_${name}`], weights[`b_${name}`]), numHeads),
    );
    const heads = q.map((_, h) => scaledDotProductAttention(q[h], k[h], v[h], mask));
    const merged = mergeHeads(heads.map(head => head.output));
    return { output: dense(merged, weights.W_o, weights.b_o), attentionWeights: heads.map(head => head.weights) };
  }

  /* Ids (T,): (1, T), with 1 where there is padding. */
  const createPaddingMask = ids => [ids.map(id => Number(id === 0))];

  /* Ids (T,): (T, T), with 1 for later words and for padding. */
  const createLookAheadMask = ids => ids.map((_, i) => createPaddingMask(ids)[0].map((padding, j) => Number(padding || j > i)));

  const decoderMasks = (source, target) => [createPaddingMask(source), createLookAheadMask(target), createPaddingMask(source)];

  /* (length, d_model): dimensions 2k and 2k + 1 are the sine and the cosine of hand k. */
  function positionalEncoding(length, dModel) {
    return Array.from({ length }, (_, position) => Float64Array.from({ length: dModel }, (_, i) => {
      const angle = position / 10000 ** ((2 * Math.floor(i / 2)) / dModel);
      return i % 2 ? Math.cos(angle) : Math.sin(angle);
    }));
  }

  function layerNorm(x, gamma, beta, epsilon = 1e-6) {
    return x.map(row => {
      const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
      const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
      return row.map((value, j) => (gamma[j] * (value - mean)) / Math.sqrt(variance + epsilon) + beta[j]);
    });
  }

  const addAndNorm = (x, sublayerOutput, gamma, beta) =>
    layerNorm(x.map((row, t) => row.map((value, j) => value + sublayerOutput[t][j])), gamma, beta);

  const positionWiseFeedForward = (x, W1, b1, W2, b2) =>
    dense(dense(x, W1, b1).map(row => row.map(value => Math.max(0, value))), W2, b2);

  /* Ask for one word after the other; `choose` takes the logits (V,) and returns an id. */
  function decode(nextLogits, choose, startId, endId, maxLength) {
    const ids = [startId];
    while (ids.length - 1 < maxLength) {
      const id = choose(nextLogits(ids));
      if (id === endId) break;
      ids.push(id);
    }
    return ids.slice(1);
  }

  const argmax = logits => logits.indexOf(Math.max(...logits));

  const greedyDecode = (nextLogits, startId, endId, maxLength) => decode(nextLogits, argmax, startId, endId, maxLength);

  /* softmax(z / temperature); at 0 the likeliest word has all. */
  function probabilities(logits, temperature) {
    if (temperature > 0) return Seeing.softmax(logits.map(logit => logit / temperature));
    const best = argmax(logits);
    return logits.map((_, id) => Number(id === best));
  }

  /* An id, drawn by its probability: the first at which the sum of all up to it is larger than a number from 0 to 1. */
  function sample(probabilities, random) {
    const mark = random();
    let sum = 0;
    const id = probabilities.findIndex(share => (sum += share) > mark);
    return id < 0 ? argmax(probabilities) : id; // where rounding left the sum of all below the mark
  }

  const sampleDecode = (nextLogits, startId, endId, maxLength, temperature, random) =>
    decode(nextLogits, logits => sample(probabilities(logits, temperature), random), startId, endId, maxLength);

  /* The same numbers from 0 to 1 for the same seed, in every browser: Tommy Ettinger's mulberry32. */
  function randomNumbers(seed) {
    let state = seed | 0;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  return {
    dense, scaledDotProductAttention, splitHeads, mergeHeads, multiHeadAttention, createPaddingMask, createLookAheadMask,
    decoderMasks, positionalEncoding, layerNorm, addAndNorm, positionWiseFeedForward, greedyDecode, sampleDecode,
    probabilities, sample, randomNumbers,
  };
})();
