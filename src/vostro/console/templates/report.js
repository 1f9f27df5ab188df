/* The report's script: shows one language at a time and draws the charts of the language shown.
   Figures come from the page; no figure is computed here. Colours are the style sheet's variables. */
"use strict";
(() => {
  document.documentElement.classList.add("scripted");
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const pages = { en: document.getElementById("en"), zh: document.getElementById("zh") };
  const drawn = new Map();
  const ink = "var(--ink)", quiet = "var(--quiet)", grey = "var(--grey)", accent = "var(--accent)";

  // -- forms of figures ---------------------------------------------------------------------------
  const writer = (language, options) => {
    const format = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", options);
    return (value) => format.format(value).replace("-", "\u2212");
  };
  const forms = (language, chart) => {
    const two = writer(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const plain = writer(language, { maximumFractionDigits: 2 });
    const whole = writer(language, { maximumFractionDigits: 0 });
    const short = writer(language, { notation: "compact", maximumFractionDigits: 1 });
    const share = writer(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const shareShort = writer(language, { style: "percent", maximumFractionDigits: 1 });
    const times = language === "zh" ? " 倍" : "×";
    const [before, after] = chart.money || ["", ""];
    const seconds = language === "zh" ? " 秒" : " s";
    const one = writer(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const money = (value) => (value < 0 ? "\u2212" : "") + before + whole(Math.abs(value)) + after;
    return {
      times: { full: (v) => two(v) + times, axis: plain },
      share: { full: share, axis: shareShort },
      count: { full: whole, axis: short },
      number: { full: writer(language, { minimumFractionDigits: 3, maximumFractionDigits: 3 }), axis: plain },
      seconds: { full: (v) => (v < 1 ? two(v) : one(v)) + seconds, axis: plain },
      money: { full: money, axis: (v) => (v < 0 ? "\u2212" : "") + before + short(Math.abs(v)) },
    };
  };

  // -- parts that all charts share ----------------------------------------------------------------
  const valueAxis = (write, more) => ({
    type: "value", nameTextStyle: { color: quiet, fontSize: 12 },
    axisLabel: { color: quiet, fontSize: 12, formatter: write, hideOverlap: true },
    axisLine: { show: false }, axisTick: { show: false }, splitLine: { lineStyle: { color: "var(--grid)" } }, ...more,
  });
  const nameAxis = (names, more) => ({
    type: "category", data: names, axisLabel: { color: quiet, fontSize: 12, hideOverlap: true },
    axisLine: { lineStyle: { color: grey } }, axisTick: { show: false }, nameTextStyle: { color: quiet, fontSize: 12 }, ...more,
  });
  const below = { nameLocation: "middle", nameGap: 30 };
  // The name of the upright axis stands over it, at the left edge, where it can be as long as it likes.
  const head = (text) => ({ text, left: 0, top: 0, padding: 0, textStyle: { color: quiet, fontSize: 12, fontWeight: "normal" } });
  const marks = (list, axis) => ({
    silent: true, symbol: "none", animation: false, z: 1, lineStyle: { color: ink, type: [5, 4], width: 1 },
    label: { color: ink, fontSize: 12, position: axis === "y" ? "end" : "start", formatter: (mark) => mark.name },
    data: list.map((mark) => ({ name: mark.name, [axis + "Axis"]: mark.at })),
  });
  const widthOf = (text) => [...text].reduce((sum, sign) => sum + (sign > "\u2e80" ? 12.5 : 8), 0);
  const tip = (title, rows) => {
    const box = document.createElement("div");
    box.className = "tip";
    if (title) box.appendChild(document.createElement("b")).textContent = title;
    for (const [name, value] of rows) {
      const row = box.appendChild(document.createElement("span"));
      row.appendChild(document.createElement("i")).textContent = name;
      row.appendChild(document.createElement("span")).textContent = value;
    }
    return box;
  };
  const tooltip = (trigger, write) => ({
    trigger, confine: true, padding: 0, borderWidth: 0, backgroundColor: "transparent", transitionDuration: 0,
    extraCssText: "box-shadow:none", formatter: write,
    axisPointer: { type: "line", lineStyle: { color: grey, type: "solid" }, label: { show: false } },
  });
  const still = { animation: false, emphasis: { disabled: true } };

  // -- one function for each kind of chart ----------------------------------------------------------
  const kinds = {
    columns: (chart, form, width) => ({
      grid: { left: 6, right: 10 + Math.max(0, ...chart.marks.map((mark) => widthOf(mark.name))), top: 34, bottom: 34, containLabel: true },
      xAxis: nameAxis(chart.names, { name: chart.x, ...below }),
      yAxis: valueAxis(form.axis),
        title: head(chart.y),
      tooltip: tooltip("axis", ([p]) => tip(`${chart.x} ${p.name}`, [[chart.y, form.full(p.value)]])),
      series: [{
        ...still, type: "bar", barCategoryGap: "28%", itemStyle: { color: accent },
        data: chart.flags ? chart.values.map((value, i) => ({ value, itemStyle: { color: chart.flags[i] ? "var(--warn)" : accent } })) : chart.values,
        label: { show: width / chart.names.length > 36, position: "top", color: ink, fontSize: 11, backgroundColor: "var(--paper)", padding: [1, 2], formatter: (p) => form.axis(p.value) },
        markLine: marks(chart.marks, "y"),
      }],
    }),

    rows: (chart, form) => ({
      grid: { left: 6, right: 58, top: chart.marks.length ? 24 : 4, bottom: 8, containLabel: true },
      // Thresholds are always in sight, so that small bars look small.
      xAxis: valueAxis(form.axis, {
        axisLabel: { show: false }, splitLine: { show: false },
        max: chart.marks.length ? ({ max }) => Math.max(max, 1.2 * Math.max(...chart.marks.map((mark) => mark.at))) : undefined,
      }),
      yAxis: nameAxis(chart.names, { inverse: true, axisLabel: { color: ink, fontSize: 12, width: 150, overflow: "truncate" } }),
      tooltip: tooltip("axis", ([p]) => tip(p.name, [[chart.x, form.full(p.value)]])),
      series: [{
        ...still, type: "bar", data: chart.values, barWidth: 11, itemStyle: { color: accent },
        label: { show: true, position: "right", color: ink, fontSize: 12, backgroundColor: "var(--paper)", padding: [1, 2], formatter: (p) => form.full(p.value) },
        markLine: marks(chart.marks, "x"),
      }],
    }),

    lines: (chart, form) => ({
      grid: { left: 6, right: 8, top: 40, bottom: 34, containLabel: true },
      legend: { top: 0, right: 0, itemWidth: 18, itemHeight: 8, textStyle: { color: ink, fontSize: 12 }, selectedMode: false },
      xAxis: nameAxis(chart.names, { name: chart.x, boundaryGap: false, ...below }),
      // A limit is always in sight, so that small values look small.
      yAxis: valueAxis(form.axis, { max: chart.limit ? ({ max }) => Math.max(max, 1.15 * chart.limit.at) : undefined }),
      title: head(chart.y),
      tooltip: tooltip("axis", (all) => tip(`${chart.x} ${all[0].name}`, all.filter((p) => typeof p.value === "number").map((p) => [p.seriesName, form.full(p.value)]))),
      series: chart.series.map((line, i) => ({
        ...still, markLine: chart.limit && !i ? { ...marks([chart.limit], "y"), label: { color: ink, fontSize: 12, position: "insideStartTop", formatter: (mark) => mark.name } } : undefined,
        type: "line", name: line.name, data: line.values, symbol: "circle", symbolSize: 6,
        itemStyle: line.role === "accent" ? { color: accent } : { color: "var(--paper)", borderColor: grey, borderWidth: 1.5 },
        lineStyle: { width: 2, color: line.role === "accent" ? accent : grey },
      })),
    }),

    days: (chart, form) => ({
      grid: { left: 6, right: 10, top: 34, bottom: 34, containLabel: true },
      xAxis: nameAxis(chart.names, { name: chart.x, boundaryGap: false, ...below }),
      yAxis: valueAxis(form.axis, { min: 0 }),
      title: head(chart.y),
      tooltip: tooltip("axis", ([p]) => tip(p.name, [[chart.y, form.full(p.value)]])),
      series: [{ ...still, type: "line", step: "middle", symbol: "none", data: chart.values, lineStyle: { width: 1.2, color: accent }, areaStyle: { color: accent, opacity: 0.2 } }],
    }),

    calibration: (chart, form, width, language) => {
      const end = Math.min(1, 1.08 * Math.max(...chart.points.flatMap((p) => [p[0], p[1]])));
      const most = Math.max(...chart.points.map((p) => p[2]));
      const count = forms(language, chart).count.full;
      return {
        grid: { left: 6, right: 22, top: 34, bottom: 34, containLabel: true },
        xAxis: valueAxis(form.axis, { name: chart.x, ...below, max: end, axisLabel: { color: quiet, fontSize: 12, formatter: form.axis, showMaxLabel: false, hideOverlap: true } }),
        yAxis: valueAxis(form.axis, { max: end, axisLabel: { color: quiet, fontSize: 12, formatter: form.axis, showMaxLabel: false } }),
        title: head(chart.y),
        tooltip: tooltip("item", (p) => tip("", [[chart.x, form.full(p.value[0])], [chart.y, form.full(p.value[1])], [chart.rows, count(p.value[2])]])),
        series: [
          {
            ...still, type: "line", silent: true, symbol: "none", data: [[0, 0], [end, end]], tooltip: { show: false },
            lineStyle: { color: ink, width: 1, type: [5, 4] },
          },
          {
            ...still, type: "scatter", silent: true, symbolSize: 0.1, data: [[0.66 * end, 0.66 * end]], tooltip: { show: false },
            label: { show: true, position: "left", offset: [-6, -8], formatter: chart.diagonal, color: ink, fontSize: 12 }, itemStyle: { opacity: 1 },
          },
          {
            ...still, type: "scatter", data: chart.points, symbolSize: (p) => 5 + 7 * Math.sqrt(p[2] / most),
            itemStyle: { color: accent, opacity: 0.85 },
          },
        ],
      };
    },

    whisker: (chart, form) => {
      // A group is told by its shape as well as by its colour: symbol, line, inside.
      const shape = {
        chosen: ["circle", accent, accent], random: ["circle", grey, "var(--paper)"],
        control: ["diamond", quiet, "var(--paper)"], control_replay: ["diamond", quiet, "var(--paper)"],
      };
      const place = (row) => chart.rows.indexOf(row);
      return {
        grid: { left: 6, right: 22, top: 10, bottom: 34, containLabel: true },
        xAxis: valueAxis(form.axis, { name: chart.x, ...below, min: 0 }),
        yAxis: nameAxis(chart.rows.map((row) => row.name), { inverse: true, axisLine: { show: false }, axisLabel: { color: ink, fontSize: 12, width: 132, overflow: "break", lineHeight: 15 } }),
        tooltip: tooltip("item", (p) => {
          const row = chart.rows[p.value[1]];
          return tip(row.name, [[chart.x, form.full(row.value)], ["95%", `${form.full(row.low)} – ${form.full(row.high)}`]]);
        }),
        series: chart.rows.flatMap((row) => [
          {
            ...still, type: "line", silent: true, data: [[row.low, place(row)], [row.high, place(row)]], symbol: "rect", symbolSize: [2, 15],
            itemStyle: { color: shape[row.role][1] }, lineStyle: { width: 2, color: shape[row.role][1] },
          },
          {
            ...still, type: "scatter", data: [[row.value, place(row)]], symbol: shape[row.role][0], symbolSize: row.role === "chosen" || row.role === "random" ? 8 : 10, z: 5,
            itemStyle: { color: shape[row.role][2], borderColor: shape[row.role][1], borderWidth: 2, opacity: 1 },
            label: { show: true, position: "top", distance: 8, color: ink, fontSize: 13, fontWeight: 600, formatter: () => form.full(row.value) },
          },
        ]),
      };
    },

    curve: (chart, form, width, language) => {
      const share = forms(language, chart).share;
      const count = forms(language, chart).count.full;
      const line = (values, more) => ({ ...still, type: "line", symbol: "none", data: values.map((value, i) => [chart.shares[i], value]), ...more });
      const band = chart.low ? [
        line(chart.low, { stack: "band", silent: true, lineStyle: { opacity: 0 } }),
        line(chart.high.map((high, i) => high - chart.low[i]), { stack: "band", silent: true, lineStyle: { opacity: 0 }, areaStyle: { color: accent, opacity: 0.2 } }),
      ] : [];
      const actual = chart.actual === null ? [] : [{
        ...still, type: "scatter", silent: true, symbolSize: 11, z: 6, itemStyle: { color: "var(--paper)", borderColor: accent, borderWidth: 3, opacity: 1 },
        data: [[chart.shares[chart.actual], chart.values[chart.actual]]],
        label: { show: true, position: [16, 12], color: ink, fontSize: 12, align: "left", formatter: `${chart.actual_name}\n${form.full(chart.values[chart.actual])}`, lineHeight: 16 },
      }];
      return {
        grid: { left: 6, right: 22, top: 34, bottom: 34, containLabel: true },
        xAxis: valueAxis(share.axis, { name: chart.x, ...below, min: 0, max: Math.max(...chart.shares), axisLine: { show: true, lineStyle: { color: grey }, onZero: true } }),
        yAxis: valueAxis(form.axis),
        title: head(chart.y),
        tooltip: tooltip("axis", (all) => {
          const i = all[0].dataIndex;
          const rows = [[chart.contacts_name, count(chart.contacts[i])], [chart.y, form.full(chart.values[i])]];
          if (chart.low) rows.push([chart.band, `${form.full(chart.low[i])} – ${form.full(chart.high[i])}`]);
          return tip(share.full(chart.shares[i]), rows);
        }),
        series: [...band, line(chart.values, { lineStyle: { width: 2.5, color: accent }, itemStyle: { color: accent } }), ...actual],
      };
    },
  };

  // -- drawing --------------------------------------------------------------------------------------
  const scalable = (box, chart) => {
    // A view box lets the style sheet scale a chart to the width of the paper.
    const svg = box.querySelector("svg");
    if (svg) svg.setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
  };
  const draw = (box, language, width = box.clientWidth) => {
    const chart = figures[language][box.dataset.chart];
    if (chart.kind === "rows") box.style.height = `${chart.names.length * 26 + (chart.marks.length ? 40 : 20)}px`;
    if (chart.kind === "whisker") box.style.height = `${chart.rows.length * 64 + 60}px`;
    const view = drawn.get(box) || echarts.init(box, null, { renderer: "svg" });
    const option = kinds[chart.kind](chart, forms(language, chart)[chart.form || "share"], width, language);
    view.setOption({ textStyle: { fontFamily: getComputedStyle(pages[language]).fontFamily }, ...option }, true);
    scalable(box, view);
    drawn.set(box, view);
    return view;
  };
  const drawPage = (language) => {
    for (const box of pages[language].querySelectorAll("[data-chart]")) {
      if (drawn.has(box)) continue;
      draw(box, language);
      new ResizeObserver(() => {
        const view = drawn.get(box);
        if (!box.clientWidth || view.getWidth() === box.clientWidth) return;
        view.resize();
        draw(box, language);
      }).observe(box);
    }
  };

  const redraw = (width) => {
    for (const [box, view] of drawn) {
      if (!box.clientWidth) continue;
      view.resize({ width: width || "auto" });
      draw(box, document.documentElement.dataset.language, width || box.clientWidth);
    }
  };
  // On paper two charts share a line: drawn at that width, their words keep a readable size.
  window.addEventListener("beforeprint", () => redraw(330));
  window.addEventListener("afterprint", () => redraw());

  // -- language: the address keeps it, as #zh or #zh-effect --------------------------------------------
  const languageOf = (hash) => (/^#(en|zh)(-|$)/.exec(hash) || [])[1];
  const place = (page) => {
    const heads = [...page.querySelectorAll("section")];
    const head = heads.filter((one) => one.getBoundingClientRect().top <= 120).pop();
    return head ? [head.id.slice(3), head.getBoundingClientRect().top] : ["", 0];
  };
  const show = (language) => {
    document.documentElement.lang = pages[language].lang;
    document.documentElement.dataset.language = language;
    document.title = pages[language].dataset.title;
    for (const [code, page] of Object.entries(pages)) page.hidden = code !== language;
    for (const button of document.querySelectorAll("[data-set-language]")) button.setAttribute("aria-pressed", String(button.dataset.setLanguage === language));
    drawPage(language);
  };
  const change = (language) => {
    const [name, top] = place(pages[document.documentElement.dataset.language]);
    show(language);
    history.replaceState(null, "", name ? `#${language}-${name}` : `#${language}`);
    if (!name) return;
    // The reader stays at the same section, at the same height.
    const now = document.getElementById(`${language}-${name}`).getBoundingClientRect().top;
    window.scrollBy({ top: now - top, behavior: "instant" });
  };
  for (const button of document.querySelectorAll("[data-set-language]")) button.addEventListener("click", () => change(button.dataset.setLanguage));
  window.addEventListener("hashchange", () => {
    const language = languageOf(location.hash);
    if (!language || !pages[language].hidden) return;
    show(language);
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  });

  // -- contents: which section is being read --------------------------------------------------------------
  const reading = () => {
    const page = pages[document.documentElement.dataset.language];
    const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 4;
    const name = atEnd ? page.querySelector("section:last-of-type").id.slice(3) : place(page)[0];
    for (const link of page.querySelectorAll("nav a")) {
      if (name && link.hash.endsWith(`-${name}`)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  window.addEventListener("scroll", reading, { passive: true });

  show(languageOf(location.hash) || document.documentElement.dataset.language);
  if (languageOf(location.hash)) document.getElementById(location.hash.slice(1))?.scrollIntoView({ behavior: "instant" });
  reading();
})();
