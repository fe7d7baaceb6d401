/* The trained translator: its words, its numbers, and the wires between the functions of layers.js, as in speaks.py. */
"use strict";

{
  const [START, END, UNKNOWN] = [1, 2, 3]; // ids; 0 is padding
  const { dense, multiHeadAttention, decoderMasks, positionalEncoding, addAndNorm, positionWiseFeedForward } = Seeing.layers;

  const bytes = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));

  /* The numbers of a model by their names: a vector is a typed array, a matrix a list of such rows. In the file each is a
     whole number of one byte, and each row has a scale: a float of four bytes, the little end first. */
  function readArrays({ arrays, numbers, scales }) {
    const whole = new Int8Array(bytes(numbers).buffer), factors = new DataView(bytes(scales).buffer);
    let at = 0, row = 0;
    const read = length => {
      const scale = factors.getFloat32(4 * row++, true);
      return Float32Array.from(whole.subarray(at, (at += length)), number => number * scale);
    };
    return Object.fromEntries(arrays.map(([name, shape]) =>
      [name, shape.length > 1 ? Array.from({ length: shape[0] }, () => read(shape[1])) : read(shape[0])]));
  }

  Seeing.Translator = class {
    constructor(content) {
      Object.assign(this, { sizes: content.sizes, words: content.words, arrays: readArrays(content) });
      this.ids = new Map(this.words.map((word, id) => [word, id]).slice(UNKNOWN + 1));
      this.english = new Set(this.words.slice(UNKNOWN + 1, UNKNOWN + 1 + this.sizes.english));
      this.longest = this.sizes.max_length - 2; // words and marks of a sentence that is read
    }

    /* The words and marks of a text, in small letters, with a mark at the end. */
    split(text) {
      const small = text.toLowerCase().replaceAll("\u2019", "'").replaceAll("!", ".").replaceAll(",", " ");
      const pieces = small.replace(/[?.]/g, " $& ").split(/\s+/).filter(Boolean);
      return !pieces.length || /[?.]$/.test(pieces.at(-1)) ? pieces : [...pieces, "."];
    }

    unknown(pieces) { return [...new Set(pieces)].filter(piece => !this.english.has(piece)); }

    read(text) { return [START, ...this.split(text).map(piece => this.ids.get(piece) ?? UNKNOWN), END]; }

    /* Ids as people write them; padding, start and end say nothing. */
    written(ids) {
      const text = ids.filter(id => id > END).map(id => this.words[id]).join(" ");
      const joined = text.replace(/ ([?.])/g, "$1").replaceAll("' ", "'");
      return joined.slice(0, 1).toUpperCase() + joined.slice(1);
    }

    /* The reply to a text: its ids, and of each step what was given and the logits; the maps are those of the last step.
       At temperature 0 each word is the likeliest; else it is drawn, the same ones for the same seed. */
    reply(text, temperature = 0, seed = 1) {
      const source = this.read(text), encoded = this.encode(source), steps = [];
      let maps;
      const nextLogits = ids => {
        const decoded = this.decode(ids, source, encoded);
        maps = decoded.maps;
        const [logits] = this.logitsOf(decoded.y.slice(-1)); // of the last position alone
        steps.push({ ids: [...ids], logits });
        return logits;
      };
      const { greedyDecode, sampleDecode, randomNumbers } = Seeing.layers, limits = [START, END, this.sizes.max_length - 1];
      const ids = temperature > 0
        ? sampleDecode(nextLogits, ...limits, temperature, randomNumbers(seed))
        : greedyDecode(nextLogits, ...limits);
      const chosen = steps.length > ids.length ? [...ids, END] : ids;
      return { text: this.written(ids), source, chosen, steps, maps: { encoder: encoded.maps, ...maps } };
    }

    /* The logits (T_t, V) after every position of target, for ids (T_s,) and (T_t,). */
    logits(source, target) { return this.logitsOf(this.decode(target, source, this.encode(source)).y); }

    logitsOf(y) { return dense(y, this.arrays["logits.W"], this.arrays["logits.b"]); }

    encode(source) {
      const maps = [], [mask] = decoderMasks(source, []);
      let x = this.embed("encoder", source);
      for (let layer = 0; layer < this.sizes.num_layers; layer++) {
        const of = part => this.named(`encoder.${layer}.${part}`);
        x = this.attend(of("self"), of("norm_0"), x, x, mask, maps);
        x = this.feedForward(of("feed_forward"), of("norm_1"), x);
      }
      return { x, maps };
    }

    decode(target, source, { x }) {
      const maps = { decoder: [], cross: [] }, [, lookAhead, padding] = decoderMasks(source, target);
      let y = this.embed("decoder", target);
      for (let layer = 0; layer < this.sizes.num_layers; layer++) {
        const of = part => this.named(`decoder.${layer}.${part}`);
        y = this.attend(of("self"), of("norm_0"), y, y, lookAhead, maps.decoder);
        y = this.attend(of("cross"), of("norm_1"), y, x, padding, maps.cross);
        y = this.feedForward(of("feed_forward"), of("norm_2"), y);
      }
      return { y, maps };
    }

    /* The vectors of ids times the root of d_model, plus their places: (T, d_model). */
    embed(side, ids) {
      const dModel = this.sizes.d_model, places = positionalEncoding(ids.length, dModel);
      const table = this.arrays[`${side}.embedding`];
      return ids.map((id, t) => places[t].map((place, j) => table[id][j] * Math.sqrt(dModel) + place));
    }

    attend(weights, norm, x, memory, mask, maps) {
      const found = multiHeadAttention({ query: x, key: memory, value: memory, weights, numHeads: this.sizes.num_heads, mask });
      maps.push(found.attentionWeights);
      return addAndNorm(x, found.output, norm.gamma, norm.beta);
    }

    feedForward(network, norm, x) {
      const found = positionWiseFeedForward(x, network.W_1, network.b_1, network.W_2, network.b_2);
      return addAndNorm(x, found, norm.gamma, norm.beta);
    }

    /* The arrays of one part by their short names. */
    named(part) {
      const own = Object.entries(this.arrays).filter(([name]) => name.startsWith(`${part}.`));
      return Object.fromEntries(own.map(([name, array]) => [name.slice(part.length + 1), array]));
    }
  };
}
