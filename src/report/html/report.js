"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (name, text, parts = {}) => Object.assign(document.createElement(name), { textContent: text }, parts);
  const words = { f: "Fail", w: "Warning", p: "Pass", i: "Info" };
  const table = document.getElementById("t");
  const heat = document.getElementById("h");

  // Sorting: a head becomes a button; a third press restores the order of the page.
  const key = (row, column) => {
    const text = row.cells[column].textContent.trim();
    const number = parseFloat(text.replace("±", ""));
    return Number.isNaN(number) ? text.toLowerCase() : number;
  };
  const compare = (one, other) => {
    if (one === other) return 0;
    if (one === "" || other === "") return one === "" ? 1 : -1;
    if (typeof one === typeof other) return one < other ? -1 : 1;
    return typeof one === "number" ? -1 : 1;
  };
  const sort = (column) => {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const next = { none: "ascending", ascending: "descending", descending: "none" };
    const direction = next[heads[column].ariaSort || "none"];
    heads.forEach((head, index) => {
      if (index === column && direction !== "none") head.setAttribute("aria-sort", direction);
      else head.removeAttribute("aria-sort");
    });
    const rows = [...body.rows].sort((one, other) => one.dataset.n - other.dataset.n);
    if (direction !== "none") {
      const sign = direction === "ascending" ? 1 : -1;
      rows.sort((one, other) => {
        const [a, b] = [key(one, column), key(other, column)];
        return a === "" || b === "" ? compare(a, b) : sign * compare(a, b);
      });
    }
    body.append(...rows);
  };
  if (table) {
    [...table.tBodies[0].rows].forEach((row, index) => { row.dataset.n = index; });
    [...table.tHead.rows[0].cells].slice(0, -1).forEach((head, column) => {
      const button = make("button", head.textContent, { type: "button" });
      button.addEventListener("click", () => sort(column));
      head.replaceChildren(button);
    });
  }

  // Filter: one outcome at a time, in the table, in the heatmap, and among the cards.
  const filter = (wanted) => {
    const rows = [...all("#t tbody tr"), ...all("#h tbody tr:not(.total)"), ...all("article[id]")];
    rows.forEach((row) => { row.hidden = wanted !== "" && !row.classList.contains(wanted); });
  };
  if (table && table.tBodies[0].rows.length > 1) {
    const tools = make("div", "", { className: "tools" });
    tools.setAttribute("role", "group");
    tools.setAttribute("aria-label", "Show objectives");
    const rows = [...table.tBodies[0].rows];
    const choices = [["", `All ${rows.length}`]];
    Object.entries(words).forEach(([name, word]) => {
      const count = rows.filter((row) => row.classList.contains(name)).length;
      if (count) choices.push([name, `${word} ${count}`]);
    });
    choices.forEach(([name, text], index) => {
      const button = make("button", text, { type: "button" });
      button.setAttribute("aria-pressed", String(index === 0));
      button.addEventListener("click", () => {
        [...tools.children].forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
        filter(name);
      });
      tools.append(button);
    });
    table.parentElement.before(tools);
  }

  // Heatmap: one stop for Tab, arrow keys within, and a line that says what the cell means.
  const heatmap = () => {
    heat.setAttribute("role", "grid");
    const heads = [...heat.tHead.rows[0].cells];
    const told = make("p", "Point at a cell, or walk with the arrow keys, to read it here.", { className: "told" });
    heat.parentElement.after(told);
    const rows = () => [...heat.tBodies[0].rows].filter((row) => !row.hidden);
    const tell = (cell) => {
      const evaluation = heads[cell.cellIndex].querySelector("bdi").textContent;
      told.textContent = `${cell.parentElement.cells[0].textContent.trim()}, ${evaluation}: ${cell.ariaLabel}`;
    };
    let current = heat.tBodies[0].rows[0].lastElementChild;
    all("tbody td", heat).forEach((cell) => { cell.tabIndex = -1; });
    current.tabIndex = 0;
    const go = (cell) => {
      if (!cell || cell.tagName !== "TD") return;
      current.tabIndex = -1;
      current = cell;
      current.tabIndex = 0;
      current.focus();
    };
    heat.addEventListener("keydown", (event) => {
      const cell = event.target;
      if (cell.tagName !== "TD" || event.ctrlKey || event.altKey || event.metaKey) return;
      const list = rows();
      const row = list.indexOf(cell.parentElement);
      const column = cell.cellIndex;
      const at = (index, place) => list[index] && list[index].cells[place];
      const target = {
        ArrowLeft: () => at(row, column - 1),
        ArrowRight: () => at(row, column + 1),
        ArrowUp: () => at(row - 1, column),
        ArrowDown: () => at(row + 1, column),
        Home: () => at(row, 1),
        End: () => at(row, heads.length - 1),
      }[event.key];
      if (!target) return;
      event.preventDefault();
      go(target());
    });
    heat.addEventListener("focusin", (event) => { if (event.target.tagName === "TD") tell(event.target); });
    heat.addEventListener("pointerover", (event) => {
      const cell = event.target.closest("tbody td");
      if (cell) tell(cell);
    });
    heat.addEventListener("click", (event) => go(event.target.closest("tbody td")));
    const values = make("button", "Show values", { type: "button" });
    values.setAttribute("aria-pressed", "false");
    values.addEventListener("click", () => {
      values.setAttribute("aria-pressed", String(heat.classList.toggle("v")));
    });
    const tools = make("div", "", { className: "tools" });
    tools.append(values);
    heat.parentElement.before(tools);
  };
  if (heat) heatmap();

  // Copy the SLO without the numbers of its lines.
  const slo = document.getElementById("c");
  if (slo) {
    const button = make("button", "Copy the SLO", { type: "button" });
    const said = make("span", "", { className: "aside" });
    said.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      const text = all(".t", slo).map((line) => `${line.textContent}\n`).join("");
      try {
        await navigator.clipboard.writeText(text);
        said.textContent = "Copied.";
      } catch {
        getSelection().selectAllChildren(slo);
        said.textContent = "This browser does not allow it; the text is selected.";
      }
    });
    const tools = make("div", "", { className: "tools" });
    tools.append(button, said);
    slo.before(tools);
  }

  // On paper everything is unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    folded.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }));
})();
