// The linked panel: spectrogram, hypnogram and signals under one time axis, with a minimap.
(function () {
  "use strict";
  const root = document.getElementById("panel");
  const source = document.getElementById("panel-data");
  if (!root || !source || !window.uPlot || !window.Path2D) return;
  const data = JSON.parse(source.textContent);
  document.documentElement.classList.add("js");

  function bytes(text) {
    const raw = atob(text), out = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i);
    return out.buffer;
  }

  const length = data.duration_s;
  let now = [0, length];  // what is shown; uPlot itself changes its scales a moment later
  const plots = [];
  const rows = root.querySelector(".rows");
  const read = root.querySelector(".read");
  const mini = root.querySelector("canvas.mini");
  const width = () => Math.max(280, rows.clientWidth);

  // ---- times
  const two = (n) => String(n).padStart(2, "0");
  function clock(s) {
    const t = Math.max(0, Math.round(s));
    return Math.floor(t / 3600) + ":" + two(Math.floor(t / 60) % 60) + ":" + two(t % 60);
  }
  function words(s) {
    let text = clock(s) + " since the start";
    if (data.clock_h !== null) {
      text += ", " + clock(((data.clock_h + s / 3600) % 24) * 3600);
      if (data.lights_on_h !== null) {
        text += ", ZT " + ((data.clock_h + s / 3600 - data.lights_on_h + 48) % 24).toFixed(2);
      }
    }
    return text;
  }
  const ticks = (u, splits) => {
    const span = u.scales.x.max - u.scales.x.min;
    return splits.map((s) => (span > 7200 ? (s / 3600).toFixed(span > 36000 ? 0 : 1) + " h" : clock(s)));
  };
  const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

  // ---- the epochs
  let epochs = null;
  if (data.hypnogram) {
    const h = data.hypnogram;
    epochs = {
      start: new Float32Array(bytes(h.start_s)), state: new Uint8Array(bytes(h.state)),
      sure: h.confidence && Array.from(new Uint8Array(bytes(h.confidence)), (v) => (v === 255 ? null : v / 100)), length: h.epoch_s, names: h.states, bouts: [],
    };
    for (let i = 0; i < epochs.start.length; i++) {
      const last = epochs.bouts[epochs.bouts.length - 1];
      if (last && last.state === epochs.state[i] && Math.abs(last.stop - epochs.start[i]) < 1e-3) {
        last.stop = epochs.start[i] + epochs.length;
      } else {
        epochs.bouts.push({ start: epochs.start[i], stop: epochs.start[i] + epochs.length, state: epochs.state[i] });
      }
    }
  }
  function epochAt(s) {
    if (!epochs) return -1;
    let a = 0, b = epochs.start.length - 1;
    while (a < b) { const m = (a + b + 1) >> 1; if (epochs.start[m] <= s) a = m; else b = m - 1; }
    return s >= epochs.start[a] && s < epochs.start[a] + epochs.length ? a : -1;
  }

  // ---- drawing below and above the curves
  function clipped(u, work) {
    const c = u.ctx;
    c.save();
    c.beginPath();
    c.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    c.clip();
    work(c);
    c.restore();
  }
  const px = (u, s) => u.valToPos(s, "x", true);
  function drawGaps(u) {
    clipped(u, (c) => {
      c.fillStyle = "#e4e4e4";
      for (const [a, b] of data.gaps) c.fillRect(px(u, a), u.bbox.top, px(u, b) - px(u, a), u.bbox.height);
    });
  }
  function drawEvents(u) {
    clipped(u, (c) => {
      c.fillStyle = "#000";
      if (data.death_s !== null) {
        c.fillStyle = "#882255";
        c.fillRect(px(u, data.death_s) - devicePixelRatio, u.bbox.top, 2 * devicePixelRatio, u.bbox.height);
        c.fillStyle = "#000";
      }
      for (const [, a] of data.seizures) c.fillRect(px(u, a) - devicePixelRatio / 2, u.bbox.top, devicePixelRatio, u.bbox.height);
    });
  }
  function drawHypnogram(u) {
    clipped(u, (c) => {
      for (const b of epochs.bouts) {
        if (b.stop < u.scales.x.min || b.start > u.scales.x.max) continue;
        const name = epochs.names[b.state], y = data.levels[name];
        const top = u.valToPos(y + 0.38, "y", true), bottom = u.valToPos(y - 0.38, "y", true);
        c.fillStyle = data.colours[name];
        c.fillRect(px(u, b.start), top, Math.max(1, px(u, b.stop) - px(u, b.start)), bottom - top);
      }
    });
  }

  // ---- one row of the panel
  function row(height, series, values, y, hooks, last) {
    const options = {
      width: width(), height: height + (last ? 52 : 0), legend: { show: false }, padding: [8, 26, 8, 0],
      scales: { x: { time: false, min: 0, max: length }, y: { range: y.range } },
      axes: [
        { show: !!last, values: ticks, incrs: steps, size: 34, grid: { show: false }, font: "12px sans-serif",
          label: "Time since the start of the recording", labelSize: 18, labelFont: "11px sans-serif" },
        { label: y.label, labelSize: 18, labelFont: "11px sans-serif", font: "12px sans-serif", size: 62,
          grid: { show: false }, splits: y.splits, values: y.values },
      ],
      series: [{}].concat(series),
      bands: series.length === 2 ? [{ series: [2, 1], fill: "rgba(26,26,26,0.55)" }] : [],
      cursor: { sync: { key: "vigil" }, y: false, points: { show: false }, drag: { x: true, y: false } },
      hooks: {
        drawClear: [drawGaps].concat(hooks || []), draw: [drawEvents], setCursor: [follow],
        setScale: [(u, key) => { if (key === "x") { now = [u.scales.x.min, u.scales.x.max]; drawMini(); } }],
      },
    };
    const plot = new uPlot(options, values, rows);
    plots.push(plot);
    return plot;
  }
  function follow(u) {
    if (u.cursor.left === null || u.cursor.left < 0) { read.textContent = ""; return; }
    const s = u.posToVal(u.cursor.left, "x"), i = epochAt(s);
    let text = words(s);
    if (i >= 0) {
      text += " · " + data.names[epochs.names[epochs.state[i]]];
      if (epochs.sure && epochs.sure[i] !== null) text += " (confidence " + epochs.sure[i].toFixed(2) + ")";
    }
    for (const g of signals) {
      const k = Math.floor((s / length) * g.bins);
      if (k >= 0 && k < g.bins && g.high[k] !== null) text += " · " + g.words + " " + Number(g.high[k].toPrecision(3));
    }
    read.textContent = text;
  }

  // ---- the rows
  const signals = data.signals.map((g) => {
    const value = (v) => (v === 65535 ? null : g.bottom + v * g.step);
    return {
      words: g.words, bins: g.bins,
      low: Array.from(new Uint16Array(bytes(g.low)), value), high: Array.from(new Uint16Array(bytes(g.high)), value),
    };
  });
  const image = data.spectrogram;
  if (image) {
    const tiles = image.tiles.map((t) => {
      const picture = new Image();
      picture.onload = () => plots[0].redraw(false);
      picture.src = t.image;
      return Object.assign({ picture }, t);
    });
    row(180, [{ show: false }], [[0, length], [null, null]],
      { label: image.region + " (Hz)", range: () => [Math.max(0, image.low_hz), image.high_hz] },
      [(u) => clipped(u, (c) => {
        // more columns than pixels: let the browser average them, never drop them
        c.imageSmoothingEnabled = (image.columns * (u.scales.x.max - u.scales.x.min)) / length > u.bbox.width;
        c.imageSmoothingQuality = "high";
        const top = u.valToPos(image.high_hz, "y", true), bottom = u.valToPos(image.low_hz, "y", true);
        for (const t of tiles) {
          if (t.picture.complete) c.drawImage(t.picture, px(u, t.start_s), top, px(u, t.stop_s) - px(u, t.start_s), bottom - top);
        }
      })], !epochs && !signals.length);
  }
  if (epochs) {
    const short = { wake: "Wake", rem: "REM", nrem: "NREM", unclassified: "Uncl." };
    const names = Object.keys(data.levels).sort((a, b) => data.levels[a] - data.levels[b]);
    row(110, [{ show: false }], [[0, length], [null, null]],
      { label: "State", range: () => [-0.6, 3.6], splits: () => names.map((n) => data.levels[n]), values: () => names.map((n) => short[n]) },
      [drawHypnogram], !epochs.sure && !signals.length);
    const middle = Array.from(epochs.start, (s) => s + epochs.length / 2);
    if (epochs.sure) {
      row(74, [{ stroke: "#1a1a1a", width: 1, points: { show: false } }], [middle, epochs.sure],
        { label: "Confid.", range: () => [0, 1.05], splits: () => [0, 1] }, [], !signals.length);
    }
  }
  signals.forEach((g, i) => {
    const x = Array.from({ length: g.bins }, (_, k) => ((k + 0.5) * length) / g.bins);
    const line = { stroke: "#1a1a1a", width: 1, points: { show: false } };
    row(112, [line, line], [x, g.low, g.high], { label: g.words, range: (u, low, high) => uPlot.rangeNum(low, high, 0.08, true) }, [], i === signals.length - 1);
  });
  if (!plots.length) { document.documentElement.classList.remove("js"); return; }

  // ---- moving about
  function range() { return now; }
  function show(a, b) {
    const span = Math.min(length, Math.max(2, b - a));
    a = Math.min(Math.max(0, a), length - span);
    now = [a, a + span];
    plots.forEach((u) => u.setScale("x", { min: a, max: a + span }));
  }
  function zoom(factor) {
    const [a, b] = range(), middle = (a + b) / 2, half = ((b - a) / 2) * factor;
    show(middle - half, middle + half);
  }
  function move(share) { const [a, b] = range(); show(a + share * (b - a), b + share * (b - a)); }
  function seizure(direction) {
    const [a, b] = range(), middle = (a + b) / 2, whole = b - a > length - 1e-6;
    const onsets = data.seizures.map((s) => s[1]);
    const ahead = direction > 0 ? onsets.filter((s) => whole || s > middle + 1) : onsets.filter((s) => whole || s < middle - 1).reverse();
    if (ahead.length) show(ahead[0] - 60, ahead[0] + 60);
  }
  const actions = {
    in: () => zoom(0.5), out: () => zoom(2), left: () => move(-0.5), right: () => move(0.5),
    all: () => show(0, length), next: () => seizure(1), previous: () => seizure(-1),
  };
  root.addEventListener("click", (e) => { const what = e.target.getAttribute("data-do"); if (what) actions[what](); });
  const keys = { ArrowLeft: "left", ArrowRight: "right", "+": "in", "=": "in", "-": "out", 0: "all", n: "next", p: "previous" };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || /input|select|textarea/i.test(e.target.tagName) || !(e.key in keys)) return;
    const box = root.getBoundingClientRect();
    if (box.bottom < 0 || box.top > innerHeight) return;
    e.preventDefault();
    actions[keys[e.key]]();
  });

  // ---- the minimap
  function drawMini() {
    if (!plots.length) return;
    const w = (mini.width = Math.round(mini.clientWidth * devicePixelRatio)), h = (mini.height = Math.round(34 * devicePixelRatio));
    const c = mini.getContext("2d"), left = 0, scale = w / length;
    c.clearRect(0, 0, w, h);
    c.fillStyle = "#fff3c4";
    if (data.lights_on_h !== null && data.clock_h !== null) c.fillRect(0, 0, w, h * 0.2);
    c.fillStyle = "#3a3a4a";
    for (const [a, b] of data.dark) c.fillRect(a * scale, 0, (b - a) * scale, h * 0.2);
    if (epochs) for (const b of epochs.bouts) {
      c.fillStyle = data.colours[epochs.names[b.state]];
      c.fillRect(left + b.start * scale, h * 0.25, Math.max(0.5, (b.stop - b.start) * scale), h * 0.7);
    }
    c.fillStyle = "#000";
    for (const [, a] of data.seizures) c.fillRect(a * scale - devicePixelRatio, 0, 2 * devicePixelRatio, h);
    const [a, b] = range();
    c.fillStyle = "rgba(255,255,255,0.65)";
    c.fillRect(0, 0, a * scale, h);
    c.fillRect(b * scale, 0, w, h);
    c.strokeStyle = "#1a1a1a";
    c.lineWidth = 2 * devicePixelRatio;
    c.strokeRect(a * scale + c.lineWidth / 2, c.lineWidth / 2, Math.max(4, (b - a) * scale - c.lineWidth), h - c.lineWidth);
  }
  function jump(e) {
    if (!(e.buttons & 1)) return;
    const [a, b] = range(), s = ((e.clientX - mini.getBoundingClientRect().left) / mini.clientWidth) * length;
    show(s - (b - a) / 2, s + (b - a) / 2);
  }
  mini.addEventListener("pointerdown", jump);
  mini.addEventListener("pointermove", jump);
  addEventListener("beforeprint", () => root.parentNode.querySelectorAll("details.seizure").forEach((d) => { d.open = true; }));
  let waiting = 0;
  addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { plots.forEach((u) => u.setSize({ width: width(), height: u.height })); drawMini(); }, 100);
  });
  drawMini();
})();
