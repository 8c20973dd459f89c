
"use strict";
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);

  // More nodes than these are not drawn at once: what is left over is on another page.
  const NODES = 10000;
  const BLANK_ROW = 12;
  const perPage = Math.max(20, Math.floor(NODES / (BLANK_ROW + 2 * data.chapters.length)));

  // What learners wrote only ever comes in here as a child, which is text.
  function make(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children.map((child) => (child instanceof Node ? child : String(child))));
    return node;
  }

  let start = 0;
  const chapters = data.chapters.map(([title, count]) => {
    const chapter = { title, count, start };
    start += count;
    return chapter;
  });
  const chapterOf = data.koans.map((_, koan) =>
    chapters.find((chapter) => koan < chapter.start + chapter.count));

  function solvedIn(learner, chapter) {
    let solved = 0;
    for (let koan = chapter.start; koan < chapter.start + chapter.count; koan++) {
      if (learner.marks[koan] === "s" || learner.marks[koan] === "S") solved++;
    }
    return solved;
  }

  for (const learner of data.learners) {
    learner.perChapter = chapters.map((chapter) => solvedIn(learner, chapter));
    learner.solved = learner.perChapter.reduce((sum, solved) => sum + solved, 0);
    learner.current = learner.trouble ? -1 : learner.marks.search(/[^sS]/);
    learner.sought = folded(learner.name);
  }
  const readable = data.learners.filter((learner) => !learner.trouble);

  function folded(text) {
    return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  }

  function heat(solved, total) {
    if (!solved) return 0;
    return solved === total ? 5 : Math.ceil((4 * solved) / total);
  }

  function many(count, noun) {
    return `${count} ${noun}${count === 1 ? "" : "s"}`;
  }

  // The table ---------------------------------------------------------------------------

  const columns = ["Solved", ...(data.weighted ? ["Points"] : [])];
  const width = 3 + columns.length + chapters.length;
  const body = make("tbody");

  function drawHead() {
    const row = make("tr", {}, make("th", { scope: "col" }, "Learner"));
    for (const name of columns) row.append(make("th", { scope: "col", class: "number" }, name));
    for (const { title, count } of chapters) {
      row.append(make("th", { scope: "col", class: "chapter" }, `${title}, of ${count}`));
    }
    row.append(make("th", { scope: "col" }, "Now at"), make("th", { scope: "col" }, "Look at"));
    byId("learners").append(
      make("caption", { class: "skip" }, "How many koans of each chapter each learner has solved"),
      make("thead", {}, row), body);
  }

  function rowOfAll() {
    const share = (sum, total) => {
      const whole = readable.length * total;
      return whole ? Math.floor((100 * sum) / whole) : 0;
    };
    const sums = chapters.map((_, number) =>
      readable.reduce((sum, learner) => sum + learner.perChapter[number], 0));
    const total = sums.reduce((sum, each) => sum + each, 0);
    const row = make("tr", { class: "all" }, make("th", { scope: "row" }, "All, in percent"),
      make("td", { class: "number" }, share(total, data.koans.length)));
    if (data.weighted) row.append(make("td"));
    sums.forEach((sum, number) => {
      const percent = share(sum, chapters[number].count);
      row.append(make("td", { class: `chapter h${heat(percent, 100)}` }, percent));
    });
    row.append(make("td"), make("td"));
    return row;
  }

  function rowOf(learner) {
    const open = make("button", { type: "button", "aria-expanded": "false" }, learner.name);
    const row = make("tr", {}, make("th", { scope: "row" }, open),
      make("td", { class: "number" }, learner.solved));
    if (data.weighted) row.append(make("td", { class: "number" }, learner.points));
    learner.perChapter.forEach((solved, number) => {
      const step = heat(solved, chapters[number].count);
      row.append(make("td", { class: `chapter h${step}` }, solved));
    });
    const now = learner.trouble ? "" : learner.current < 0 ? "the end" : data.koans[learner.current];
    row.append(make("td", { class: "now" }, now), make("td", { class: "flags" }, learner.flags));
    row.learner = learner;
    return row;
  }

  function toggle(row, chapter) {
    const button = row.querySelector("button");
    const isOpen = button.getAttribute("aria-expanded") === "true";
    if (isOpen && chapter === undefined) {
      row.nextElementSibling.remove();
      button.setAttribute("aria-expanded", "false");
      return;
    }
    if (!isOpen) {
      row.after(make("tr", { class: "opened" }, make("td", { colspan: width }, koansOf(row.learner))));
      button.setAttribute("aria-expanded", "true");
    }
    const all = row.nextElementSibling.querySelectorAll("details");
    const here = chapter ?? chapters.indexOf(chapterOf[row.learner.current]);
    if (all[here]) all[here].open = true;
  }

  // What a row opens into ---------------------------------------------------------------

  function koansOf(learner) {
    const inside = make("div", { class: "koans" });
    if (learner.trouble) inside.append(make("p", { class: "trouble" }, learner.trouble));
    if (learner.notes.length) {
      inside.append(make("ul", { class: "notes" }, ...learner.notes.map((note) => make("li", {}, note))));
    }
    const report = `results/${encodeURIComponent(learner.folder)}/report.txt`;
    inside.append(make("p", {}, make("a", { href: report }, "the report, with what is said of each fill")));
    chapters.forEach((chapter, number) => {
      const said = `${chapter.title}: ${learner.perChapter[number]} of ${chapter.count}`;
      const part = make("details", {}, make("summary", {}, said));
      part.addEventListener("toggle", () => {
        if (part.open && part.childElementCount === 1) part.append(listOf(learner, chapter));
      });
      inside.append(part);
    });
    return inside;
  }

  function listOf(learner, chapter) {
    const list = make("ul", { role: "list" });
    for (let koan = chapter.start; koan < chapter.start + chapter.count; koan++) {
      const letter = learner.marks[koan];
      const mark = letter.toLowerCase();
      const note = letter === mark ? "" : ", with a note in the report";
      const here = koan === learner.current ? ", the current one" : "";
      list.append(make("li", {}, make("span", { class: `state ${mark}` }, data.states[mark]),
        make("span", {}, make("code", {}, data.koans[koan]), here + note)));
    }
    return list;
  }

  // Finding, ordering, turning pages ----------------------------------------------------

  let found = data.learners;
  let first = 0;

  function draw() {
    const shown = found.slice(first, first + perPage);
    const isWhole = found.length === data.learners.length;
    body.replaceChildren(...(isWhole && readable.length ? [rowOfAll()] : []), ...shown.map(rowOf));
    const part = shown.length < found.length
      ? `, ${first + 1} to ${first + shown.length} of them here` : "";
    byId("found").textContent = isWhole
      ? `${many(found.length, "learner")}${part}`
      : `${found.length} of ${many(data.learners.length, "learner")}${part}`;
    byId("pages").hidden = found.length <= perPage;
    byId("previous").setAttribute("aria-disabled", first === 0);
    byId("next").setAttribute("aria-disabled", first + perPage >= found.length);
  }

  function find() {
    const words = folded(byId("find").value).split(/\s+/).filter(Boolean);
    const before = found;
    found = data.learners.filter((learner) => words.every((word) => learner.sought.includes(word)));
    const order = byId("order").value;
    if (order === "fewest") found.sort((a, b) => a.solved - b.solved);
    if (order === "most") found.sort((a, b) => b.solved - a.solved);
    if (found.length === before.length && found.every((each, place) => each === before[place])) return;
    first = 0;
    draw();
  }

  function turn(step) {
    const next = first + step * perPage;
    if (next < 0 || next >= found.length) return;
    first = next;
    draw();
  }

  // The two lists -----------------------------------------------------------------------

  function drawList(id, labels, rows, none) {
    if (!rows.length) {
      byId(id).append(make("p", {}, none));
      return;
    }
    const head = make("tr", {}, ...labels.map((label) => make("th", { scope: "col" }, label)));
    // Where the rows are blocks, on a phone, their roles would be gone.
    const lines = rows.map((cells) => make("tr", { role: "row" }, ...cells.map((cell, number) => {
      cell.setAttribute("role", "cell");
      cell.setAttribute("data-label", `${labels[number]}:`);
      return cell;
    })));
    byId(id).append(make("table", { class: "list", role: "table", "aria-labelledby": `${id}-title` }, make("thead", {}, head), make("tbody", {}, ...lines)));
  }

  function koanCells(koan) {
    return [make("td", {}, make("code", {}, data.koans[koan])), make("td", {}, chapterOf[koan].title)];
  }

  function drawLists() {
    drawList("still", ["Koan", "Chapter", "At it now", "Solved it"],
      data.still.map(([koan, at, solved]) => [...koanCells(koan), make("td", {}, at),
        make("td", {}, `${solved} of ${readable.length}`)]),
      "Nowhere: nobody has a koan before them.");
    drawList("wrong", ["Koan", "Chapter", "Learners", "Fill", "What is said of it"],
      data.wrong.map(([koan, count, fill, said, isKnown]) => [...koanCells(koan), make("td", {}, count),
        make("td", { class: "fill" }, fill),
        make("td", {}, said, isKnown ? "" : make("span", { class: "pale" }, " (The koan does not foresee it.)"))]),
      "None.");
  }

  const done = readable.filter((learner) => learner.current < 0).length;
  const unread = data.learners.length - readable.length;
  byId("overview").textContent =
    `${many(data.learners.length, "learner")}, ${many(data.koans.length, "koan")} in ` +
    `${many(chapters.length, "chapter")}. ${done} reached the end.` +
    (unread ? ` The work of ${unread} could not be read.` : "");

  drawHead();
  draw();
  drawLists();

  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (!row || !row.learner) return;
    const cell = event.target.closest("td.chapter");
    if (cell) toggle(row, [...row.querySelectorAll("td.chapter")].indexOf(cell));
    else if (event.target.closest("button")) toggle(row);
  });
  byId("find").addEventListener("input", find);
  byId("order").addEventListener("change", find);
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
}
