/* The portrait report's script: finds tags, and shows the portrait of the segment that is chosen.
   Figures come from the page; an index is the quotient of two of them. */
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("figures").textContent).compare;
  const OPEN = 8;
  const say = (text, language) => (typeof text === "string" ? text : text[language]);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const forms = {};
  for (const language of ["en", "zh"]) {
    const write = (options) => {
      const format = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", options);
      return (value) => format.format(value);
    };
    forms[language] = {
      count: write({ maximumFractionDigits: 0 }),
      share: write({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    };
  }
  const make = (parent, kind, text, className) => {
    const made = parent.appendChild(document.createElement(kind));
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  // -- tags: search and filter ------------------------------------------------------------------------
  for (const finder of document.querySelectorAll("[data-finder]")) {
    const page = finder.closest(".page"), language = page.id;
    const [input, select, output] = [finder.querySelector("input"), finder.querySelector("select"), finder.querySelector("output")];
    const groups = [...page.querySelectorAll("section:has([data-finder]) .dimension")];
    const before = groups.map((group) => group.open);
    finder.addEventListener("submit", (event) => event.preventDefault());
    const find = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean), mark = select.value;
      const asked = words.length > 0 || mark !== "";
      let found = 0;
      groups.forEach((group, i) => {
        let inside = 0;
        for (const line of group.querySelectorAll("details.line")) {
          const fits = words.every((word) => line.dataset.search.includes(word)) && (!mark || line.dataset.marks.split(" ").includes(mark));
          line.hidden = !fits;
          inside += fits ? 1 : 0;
        }
        group.hidden = asked && inside === 0;
        group.open = asked ? inside > 0 : before[i];
        found += inside;
      });
      const text = data.words[language];
      output.textContent = asked ? (found ? fill(text.found, { count: found }) : text.empty) : "";
    };
    input.addEventListener("input", find);
    select.addEventListener("change", find);
  }
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.matches("details.line")) return;
    for (let at = target; at; at = at.parentElement) if (at.matches("details")) at.open = true;
    target.hidden = false;
    target.scrollIntoView({ block: "start" });
  };
  window.addEventListener("hashchange", reveal);
  reveal();

  // -- a segment against all ------------------------------------------------------------------------
  const distance = (tag, shares) => shares.reduce((sum, share, i) => sum + Math.abs(share - tag.base[i]), 0);
  const card = (parent, code, coverage, shares, language) => {
    const tag = data.tags[code], text = data.words[language], form = forms[language];
    const box = make(parent, "div", undefined, "tag");
    const head = make(box, "h3", `${say(tag.name, language)} `);
    make(head, "span", `${text[`dimension.${tag.dimension}`]} · ${fill(text.coverage, { share: form.share(coverage) })}`, "aside");
    const table = make(box, "table");
    make(table, "caption", say(tag.name, language), "unseen");
    const heads = make(make(table, "thead"), "tr");
    make(heads, "th", text.value).scope = "col";
    make(heads, "td").ariaHidden = "true";
    for (const name of ["base", "segment", "index"]) {
      const cell = make(heads, "th", text[name], "right");
      cell.scope = "col";
    }
    const body = make(table, "tbody");
    const most = Math.max(...tag.base, ...shares) || 1;
    tag.values.forEach((value, i) => {
      const row = make(body, "tr"), name = make(row, "th");
      name.scope = "row";
      const label = make(name, "span", say(value, language));
      if (typeof value === "string") label.translate = false;
      const drawn = make(row, "td");
      drawn.ariaHidden = "true";
      for (const share of [tag.base[i], shares[i]]) make(drawn, "i").style.setProperty("--share", (share / most).toFixed(3));
      make(row, "td", form.share(tag.base[i]));
      make(row, "td", form.share(shares[i]));
      const index = tag.base[i] ? (100 * shares[i]) / tag.base[i] : 0;
      make(row, "td", form.count(index), index >= 120 ? "above" : index <= 80 ? "below" : "");
    });
  };
  const compare = (code) => {
    const segment = data.segments.find((each) => each.code === code);
    if (!segment) return;
    for (const select of document.querySelectorAll("[data-choose]")) {
      select.value = code;
      const page = select.closest(".page"), language = page.id, text = data.words[language];
      const place = page.querySelector("[data-compared]");
      place.replaceChildren();
      if (!segment.customers) {
        make(place, "p", text.same, "note");
        continue;
      }
      make(place, "p", fill(text.lede, { customers: forms[language].count(segment.customers), share: forms[language].share(segment.share) }), "lede");
      const order = Object.entries(segment.tags).sort((a, b) => distance(data.tags[b[0]], b[1][1]) - distance(data.tags[a[0]], a[1][1]));
      const grid = make(place, "div", undefined, "portrait");
      for (const [name, [coverage, shares]] of order.slice(0, OPEN)) card(grid, name, coverage, shares, language);
      if (order.length <= OPEN) continue;
      const more = make(place, "details");
      make(more, "summary", fill(text.more, { count: order.length }));
      const rest = make(more, "div", undefined, "portrait");
      // The others are drawn when they are asked for.
      more.addEventListener("toggle", () => {
        if (rest.childElementCount) return;
        for (const [name, [coverage, shares]] of order.slice(OPEN)) card(rest, name, coverage, shares, language);
      });
    }
  };
  for (const select of document.querySelectorAll("[data-choose]")) select.addEventListener("change", () => compare(select.value));
  for (const link of document.querySelectorAll("[data-compare]")) link.addEventListener("click", () => compare(link.dataset.compare));
  // A segment of nearly everybody tells little: begin with the largest that is at most half.
  const first = data.segments.find((each) => each.customers && each.share <= 0.5) || data.segments[0];
  if (first) compare(first.code);
})();
