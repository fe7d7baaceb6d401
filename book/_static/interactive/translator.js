/* The trained translator, live. It begins with the sentence that Python wrote out; the model is fetched when a button
   asks for it, and from then on every sentence is translated here. */
"use strict";

Seeing.figure("translator", view => {
  const { example, kinds, many } = view.data;
  const lists = { reads: view.root.querySelector(".seeing-reads"), steps: view.root.querySelector(".seeing-steps") };
  const table = view.root.querySelector(".seeing-heat"), map = table && new Seeing.HeatMap(table);
  const field = view.control("sentence"), load = view.control("load");
  let model = null, shown = example, asked = "";

  // ---- from a reply of the model to what is shown: what Python wrote out for the first sentence ----

  function told(sentence, temperature, seed) {
    const reply = model.reply(sentence, temperature, seed), names = ids => ids.map(id => model.words[id]);
    return {
      sentence, temperature, text: reply.text, question: names(reply.source), ids: reply.source, words: names(reply.chosen),
      steps: reply.steps.map(({ logits }, n) => nextWords(logits, reply.chosen[n], temperature)),
      others: model.words.length - example.steps[0].rows.length, maps: reply.maps,
    };
  }

  /* The likeliest words, and the chosen one among them; what is left for all others. */
  function nextWords(logits, chosen, temperature) {
    const shares = [Seeing.softmax(logits), Seeing.layers.probabilities(logits, temperature)];
    const best = [...logits.keys()].sort((a, b) => logits[b] - logits[a]).slice(0, example.steps[0].rows.length);
    if (!best.includes(chosen)) best[best.length - 1] = chosen;
    return {
      rows: best.map(id => [model.words[id], logits[id], ...shares.map(of => of[id])]), chosen: best.indexOf(chosen),
      rest: shares.map(of => Math.max(0, 1 - best.reduce((sum, id) => sum + of[id], 0))),
    };
  }

  // ---- drawing ----

  function showWords() {
    Seeing.fit(lists.reads, shown.question.length).forEach((item, n) => {
      item.firstElementChild.textContent = shown.question[n];
      item.lastElementChild.textContent = shown.ids[n];
    });
    Seeing.fit(lists.steps, shown.words.length).forEach((label, n) => { label.lastElementChild.textContent = shown.words[n]; });
    view.write("reply", shown.text);
  }

  function showNext(step) {
    const { rows, rest, chosen } = shown.steps[step], { temperature = 0 } = shown;
    const bars = (slot, shares) => ["share", "drawn"].forEach((of, n) => {
      view.write(slot(of), Seeing.number(shares[n]));
      view.share(slot(of), shares[n]);
    });
    rows.forEach(([word, logit, ...shares], n) => {
      view.write(`word${n}`, word);
      view.place(`word${n}`).classList.toggle("now", n === chosen);
      view.write(`logit${n}`, Seeing.number(logit, 2));
      bars(of => `${of}${n}`, shares);
    });
    bars(of => `rest-${of}`, rest);
    view.write("others", view.sentence("others", { count: shown.others.toLocaleString("en") }));
    view.write("next", view.sentence("next", { step: step + 1 }));
    view.write("tau", view.sentence("temperature", { value: temperature }));
  }

  const chosenMap = () => ({ kind: view.setting("kind"), layer: Number(view.setting("layer")), head: Number(view.setting("head")) });

  function showMap(step) {
    const { kind, layer, head } = chosenMap(), weights = shown.maps[kind][layer][head];
    const rows = kind === "encoder" ? shown.question : shown.words;
    const columns = kind === "decoder" ? [shown.question[0], ...shown.words.slice(0, -1)] : shown.question;
    map.draw(rows, columns, weights, { now: kind === "encoder" ? -1 : step, masked: kind === "decoder", many });
    view.write("map", view.sentence("map", { kind: kinds[kind], layer, head }));
    return mapSays(kind, { layer, head }, weights, rows, columns, step);
  }

  function mapSays(kind, place, weights, rows, columns, step) {
    const largest = weights.map(row => Math.max(...row));
    const n = kind === "encoder" ? largest.indexOf(Math.max(...largest)) : step;
    const [best, second] = [...weights[n].keys()].sort((a, b) => weights[n][b] - weights[n][a]);
    const alone = kind === "decoder" && step === 0;
    return view.sentence(kind === "encoder" ? "encoder" : alone ? "alone" : "step", {
      ...place, row: rows[n], best: columns[best], share: Seeing.percent(weights[n][best]),
      second: columns[second], second_share: Seeing.percent(weights[n][second] ?? 0),
    });
  }

  function replySays(step) {
    const [word, , , share] = shown.steps[step].rows[shown.steps[step].chosen], greedy = !shown.temperature;
    const likely = greedy ? shown.steps[step].rows[0][2] : share;
    const how = view.sentence(greedy ? "greedy" : "drawn", { share: Seeing.percent(likely) });
    return view.sentence("reply", { sentence: shown.sentence, reply: shown.text, steps: shown.steps.length, step: step + 1, word, how });
  }

  // ---- the model, and sentences for it ----

  /* A script, not data: a page that was opened from a disk can read no other file. */
  function fetchModel() {
    if (load.getAttribute("aria-disabled") === "true") return;
    load.setAttribute("aria-disabled", "true");
    view.write("loading", view.sentence("loading", {}));
    const script = Object.assign(document.createElement("script"), { src: Seeing.folder + view.data.model });
    script.addEventListener("load", () => {
      const held = document.activeElement === load;
      model = new Seeing.Translator(Seeing.trained);
      view.place("asking").hidden = true;
      view.place("playing").hidden = false;
      if (held) field.focus(); // the button is gone
      view.root.dispatchEvent(new Event("input"));
    });
    script.addEventListener("error", () => {
      script.remove();
      load.removeAttribute("aria-disabled");
      view.write("loading", view.sentence("failed", {}));
    });
    document.head.append(script);
  }

  /* What keeps the model from reading a text, as a sentence; nothing if it can. */
  function problem(text) {
    const pieces = model.split(text), unknown = model.unknown(pieces);
    if (!pieces.length) return view.sentence("empty", {});
    if (unknown.length) return view.sentence("unknown", { words: unknown.map(word => `“${word}”`).join(", ") });
    return pieces.length > model.longest ? view.sentence("long", { count: pieces.length, longest: model.longest }) : "";
  }

  /* Take the text of the field, if the model can read it. */
  let sentence = example.sentence;
  function take() {
    const wrong = problem(field.value);
    view.write("wrong", wrong);
    field.setAttribute("aria-invalid", String(Boolean(wrong)));
    if (!wrong) sentence = field.value.trim();
    view.root.dispatchEvent(new Event("input"));
  }

  load.addEventListener("click", fetchModel);
  field.addEventListener("change", take);
  view.control("translate").addEventListener("click", take);
  for (const button of view.root.querySelectorAll("[name=example]")) {
    button.addEventListener("click", () => {
      field.value = button.textContent;
      take();
    });
  }

  /* Translate again where sentence, temperature or draw are others; another sentence begins where the model is least sure. */
  function refresh() {
    const temperature = view.setting("temperature"), draw = view.setting("draw");
    view.label("temperature", temperature ? temperature.toFixed(2) : view.sentence("zero", {}));
    view.label("draw", String(draw));
    view.place("drawing").hidden = !temperature; // where nothing is drawn
    const asks = JSON.stringify([sentence, temperature, temperature && draw]);
    if (!model || asks === asked) return;
    const another = sentence !== shown.sentence, step = Number(view.setting("step"));
    [asked, shown] = [asks, told(sentence, temperature, draw)];
    showWords();
    const next = another ? leastSure() : Math.min(step, shown.steps.length - 1);
    lists.steps.querySelectorAll("input")[next].checked = true;
  }

  function leastSure() {
    const sure = shown.steps.map(({ rows }) => rows[0][2]);
    return sure.indexOf(Math.min(...sure));
  }

  return () => {
    refresh();
    const step = Number(view.setting("step"));
    showNext(step);
    view.say([replySays(step), map && showMap(step)].filter(Boolean).join(" "));
  };
});
