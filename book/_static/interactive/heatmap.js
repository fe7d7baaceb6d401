/* A map of attention weights as a table: a row for each word that asks, a column for each that is looked at. */
"use strict";

Seeing.HeatMap = class {
  constructor(table) {
    Object.assign(this, { table, head: table.tHead.rows[0], body: table.tBodies[0] });
  }

  /* Row `now` is framed. Where a mask hides later words, cells are hatched; `many` columns have no numbers on a phone. */
  draw(rows, columns, weights, { now, masked, many }) {
    this.table.style.setProperty("--columns", columns.length);
    this.table.classList.toggle("many", columns.length > many);
    const [, ...tops] = Seeing.fit(this.head, columns.length + 1, 2);
    tops.forEach((cell, j) => { cell.firstElementChild.textContent = columns[j]; });
    Seeing.fit(this.body, rows.length).forEach((row, i) => {
      const [name, ...cells] = Seeing.fit(row, columns.length + 1, 2);
      name.textContent = rows[i];
      row.classList.toggle("now", i === now);
      cells.forEach((cell, j) => {
        cell.style.setProperty("--share", weights[i][j].toFixed(4));
        cell.classList.toggle("hide", masked && j > i);
        cell.firstElementChild.textContent = weights[i][j] >= 0.005 ? (100 * weights[i][j]).toFixed(0) : "";
      });
    });
  }
};
