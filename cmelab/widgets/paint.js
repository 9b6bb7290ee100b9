// Draws one frame of a bank on a canvas. `picture.py` draws the same frame with matplotlib; a test compares the two.

// One block of bytes: length of the JSON, the JSON, then every array as float32 (`Bank.packed`).
function unpack(view) {
  const bytes = new Uint8Array(view.buffer ? view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) : view);
  if (bytes.length < 4) return null;
  const size = new DataView(bytes.buffer).getUint32(0, true);
  const bank = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  bank.numbers = new Float32Array(bytes.buffer, 4 + size);
  return bank;
}

// One row of an array [start, frames, items]; between two frames where the bank is smooth.
function row(numbers, [start, frames, items], moment) {
  const frame = Math.min(Math.floor(moment), frames - 1);
  const now = numbers.subarray(start + frame * items, start + (frame + 1) * items);
  const part = moment - Math.floor(moment);
  if (!part || frame + 1 >= frames) return now;
  const next = numbers.subarray(start + (frame + 1) * items, start + (frame + 2) * items);
  return now.map((v, i) => v + part * (next[i] - v));
}

// The values of a channel: a stored row, or a weighted sum of one (`frame.Sum`).
function values(bank, channel, moment) {
  if (channel.at) return row(bank.numbers, channel.at, moment);
  const source = row(bank.numbers, channel.of, moment);
  const [start, items, terms] = channel.index, weights = channel.weight[0];
  return Float32Array.from({ length: items }, (_, k) => {
    let sum = 0;
    for (let m = k * terms; m < (k + 1) * terms; m++) sum += bank.numbers[weights + m] * source[bank.numbers[start + m]];
    return sum;
  });
}

// A number for people, the same as `words.number`.
function written(x, form = "3") {
  if (Number.isNaN(x)) return "–";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  let digits = 0;
  if (form[0] === ".") digits = Number(form.slice(1));
  else if (form !== "d") {
    if (size < 5e-5) return "0";
    digits = Math.max(0, Number(form) - 1 - Math.floor(Math.log10(size)));
  }
  let text = size.toFixed(digits);
  if (form[0] !== "d" && form[0] !== "." && text.includes(".")) text = text.replace(/\.?0+$/, "");
  return x < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

// A sentence with its numbers filled in, the same as `frame.Text.fill`.
function sentence(bank, text, moment, item = 0) {
  return text.template.replace(/\{(\w+)(?::(d|\.?\d))?\}/g, (_, name, form) => {
    if (name in text.words) return text.words[name][item];
    const all = values(bank, text.values[name], moment);
    return written(all[Math.min(item, all.length - 1)], form);
  });
}

// Where each panel lies, in pixels: the same sums as `look.places`.
function places(panels, width, height, em, room) {
  const left = (p) => p.bare ? room.edge
    : (p.y.label ? room.text : 0) + room.digit * Math.max(0, ...p.y.ticks.map((t) => t[1].length)) + room.gap + room.edge;
  const bottom = (p) => p.bare ? room.edge
    : (p.x.label ? room.text : 0) + (p.x.ticks.length ? room.text : 0) + room.edge;
  const out = {};
  for (const p of panels) {
    let x0 = p.cell[0] * width + em * Math.max(...panels.filter((q) => q.cell[0] === p.cell[0]).map(left));
    let x1 = p.cell[2] * width - em * (p.bare ? room.edge : room.right);
    let y0 = p.cell[1] * height + em * ((p.title ? room.text + 0.2 : room.edge) + (p.ramp ? room.ramp : 0));
    let y1 = p.cell[3] * height - em * bottom(p);
    const dx = p.x.high - p.x.low, dy = p.y.high - p.y.low;
    if (p.equal) {
      const unit = Math.min((x1 - x0) / dx, (y1 - y0) / dy);
      [x0, y0] = [(x0 + x1 - unit * dx) / 2, (y0 + y1 - unit * dy) / 2];
      [x1, y1] = [x0 + unit * dx, y0 + unit * dy];
    }
    out[p.name] = { left: x0, top: y0, width: x1 - x0, height: y1 - y0, panel: p,
      X: (x) => x0 + ((x - p.x.low) / dx) * (x1 - x0), Y: (y) => y1 - ((y - p.y.low) / dy) * (y1 - y0) };
  }
  return out;
}

// Half of a tall letter above the middle, as the still picture has it: the middle of a font is another in each of them.
function write(ctx, text, x, y, size, colour, align = "center", weight = "") {
  ctx.font = `${weight} ${size}px "DejaVu Sans", Verdana, system-ui, sans-serif`;
  ctx.textAlign = align;
  ctx.textBaseline = "alphabetic";
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y + 0.38 * size);
}

function strokeLine(ctx, points) {
  ctx.beginPath();
  points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.stroke();
}

// 1 where all labels of an axis have the room they need, else 2, 4, ...: only every second label, or fourth, is written.
function everyTick(ticks, map, needed) {
  let every = 1;
  while (ticks.length > 1 && every * Math.abs(map(ticks[1][0]) - map(ticks[0][0])) < needed) every *= 2;
  return every;
}

// The colours of a value, with what stands at their ends.
function paintRamp(ctx, ramp, left, y, width, { em, room, palette, ramps }) {
  const [low, high] = ramp.ends, colours = ramps[ramp.two ? "two" : "one"];
  const x0 = left + (room.digit * low.length + 0.5) * em, x1 = left + width - (room.digit * high.length + 0.5) * em;
  const edge = (i) => Math.floor(x0 + ((x1 - x0) * i) / colours.length + 0.5);
  colours.forEach((colour, i) => { ctx.fillStyle = colour; ctx.fillRect(edge(i), y - 0.3 * em, edge(i + 1) - edge(i), 0.6 * em); });
  write(ctx, low, left, y, 0.9 * em, palette.ink, "left");
  write(ctx, high, left + width, y, 0.9 * em, palette.ink, "right");
}

// Which of the colours a value has: the same sum as `frame.Ramp.stop`.
function shade(value, ramp, colours) {
  const share = Math.fround(value / ramp.most);
  return colours[Math.floor(Math.max(0, Math.min(1, ramp.two ? (share + 1) / 2 : share)) * (colours.length - 1) + 0.5)];
}

// Axes, ticks and labels: drawn once for a bank and a size, then copied under every frame.
function paintAxes(ctx, all, look) {
  const { em, line, palette, room } = look;
  for (const { panel: p, left, top, width, height, X, Y } of Object.values(all)) {
    if (p.title) { // smaller where it would run out of its cell
      const fit = Math.min(1, (p.cell[2] * look.width - left) / (p.title.length * room.bold * em));
      write(ctx, p.title, left, top - (0.75 + (p.ramp ? room.ramp : 0)) * em, fit * em, palette.ink, "left", "bold");
    }
    if (p.ramp) paintRamp(ctx, p.ramp, left, top - 0.75 * em, width, look);
    if (p.bare) continue;
    const right = left + width, low = top + height;
    ctx.lineWidth = line;
    ctx.strokeStyle = palette.grid;
    if (p.zero) strokeLine(ctx, [[left, Y(0)], [right, Y(0)]]);
    ctx.strokeStyle = palette.faint;
    strokeLine(ctx, [[left, top], [left, low], [right, low]]);
    const longest = Math.max(1, ...p.x.ticks.map((t) => t[1].length)) * room.digit * em + 0.6 * em;
    const [everyX, everyY] = [everyTick(p.x.ticks, X, longest), everyTick(p.y.ticks, Y, 1.2 * em)];
    p.x.ticks.forEach(([at, text], i) => {
      strokeLine(ctx, [[X(at), low], [X(at), low + 0.3 * em]]);
      if (i % everyX === 0) write(ctx, text, X(at), low + 0.95 * em, em, palette.ink);
    });
    p.y.ticks.forEach(([at, text], i) => {
      strokeLine(ctx, [[left - 0.3 * em, Y(at)], [left, Y(at)]]);
      if (i % everyY === 0) write(ctx, text, left - 0.5 * em, Y(at), em, palette.ink, "right");
    });
    if (p.x.label) write(ctx, p.x.label, left + width / 2, low + (p.x.ticks.length ? room.text : 0) * em + 0.9 * em, em, palette.ink);
    if (p.y.label) {
      ctx.save();
      const ticks = Math.max(0, ...p.y.ticks.map((t) => t[1].length));
      ctx.translate(left - (room.digit * ticks + room.gap + 0.7) * em, top + height / 2);
      ctx.rotate(-Math.PI / 2);
      write(ctx, p.y.label, 0, 0, em, palette.ink);
      ctx.restore();
    }
  }
}

// The outlines of the marker shapes, in units of the radius.
const OUTLINES = {
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  triangle: [[0, -1], [0.9, 0.7], [-0.9, 0.7]],
  cross: [[-0.8, -0.8], [0.8, 0.8], null, [-0.8, 0.8], [0.8, -0.8]],
  dash: [[-1, 0], [1, 0]],
};

const MARKS = {
  bars(ctx, mark, v, { X, Y, left, top, width, height }, look) {
    const half = (X(mark.size) - X(0)) / 2, cut = [];
    v.each((i) => {
      const x = X(v.x[i]), y0 = Y(v.base ? v.base[i] : 0), y1 = Y(v.y[i]);
      const tip = mark.pointed ? Math.min(0.7 * half, Math.abs(y1 - y0)) * Math.sign(y0 - y1) : 0;
      ctx.beginPath();
      for (const [px, py] of [[x - half, y0], [x - half, y1 + tip], [x, y1], [x + half, y1 + tip], [x + half, y0]]) ctx.lineTo(px, py);
      ctx.closePath();
      if (mark.hollow) ctx.stroke(); else ctx.fill();
      if (y1 < top - 1 || y1 > top + height + 1) cut.push([x, y1 < top, v.y[i]]);
    });
    // A bar that leaves the panel is broken off near its end; where they are few and it has room, its value is written there.
    for (const [x, up, y] of cut) {
      const edge = up ? top : top + height, inward = up ? 1 : -1;
      ctx.strokeStyle = look.palette.paper;
      ctx.lineWidth = 2 * look.line;
      strokeLine(ctx, [[x - half - 1, edge + inward * 0.75 * look.em], [x + half + 1, edge + inward * 0.35 * look.em]]);
      const text = written(y), beside = x + half + 3 * look.em < left + width ? 1 : -1;
      const room = 2 * half + (0.3 + 0.58 * text.length) * look.em; // up to the next bar that is broken off there
      if (cut.length <= 4 && !cut.some(([o, u]) => u === up && beside * (o - x) > 0 && beside * (o - x) < room)) {
        write(ctx, text, x + beside * (half + 0.3 * look.em), edge + inward * 0.6 * look.em, 0.9 * look.em,
          look.palette.ink, beside > 0 ? "left" : "right");
      }
    }
  },
  cells(ctx, mark, v, { X, Y, panel }, look) {
    const ramp = v.shade && panel.ramp, colours = ramp && look.ramps[ramp.two ? "two" : "one"], whole = (at) => Math.floor(at + 0.5);
    v.each((i) => {
      if (ramp) { // on whole pixels, so that no seam shows between neighbours
        const [left, low, right, high] = [X(v.x0[i]), Y(v.y0[i]), X(v.x1[i]), Y(v.y1[i])].map(whole);
        ctx.fillStyle = shade(v.shade[i], ramp, colours);
        ctx.fillRect(left, high, right - left, low - high);
        return;
      }
      const x = X(v.x0[i]), y = Y(v.y0[i]), w = X(v.x1[i]) - x, h = Y(v.y1[i]) - y;
      if (mark.hollow) ctx.strokeRect(x, y, w, h); else ctx.fillRect(x, y, w, h);
    });
  },
  line(ctx, mark, v, { X, Y }) {
    ctx.beginPath();
    let pen = false;
    for (let i = 0; i < v.length; i++) {
      const drawn = !Number.isNaN(v.x[i] + v.y[i]);
      if (drawn) ctx[pen ? "lineTo" : "moveTo"](X(v.x[i]), Y(v.y[i]));
      pen = drawn;
    }
    ctx.stroke();
  },
  area(ctx, mark, v, { X, Y }) {
    ctx.globalAlpha = v.alpha ? v.alpha[0] : 1;
    ctx.beginPath();
    for (let i = 0; i < v.length; i++) ctx.lineTo(X(v.x[i]), Y(v.y[i]));
    ctx.fill();
  },
  dots(ctx, mark, v, { X, Y }, look) {
    const r = mark.size * look.em;
    v.each((i) => {
      const x = X(v.x[i]), y = Y(v.y[i]), outline = OUTLINES[mark.shape];
      ctx.beginPath();
      if (!outline) ctx.arc(x, y, r, 0, 2 * Math.PI);
      let pen = false;
      for (const p of outline ?? []) {
        if (p) ctx[pen ? "lineTo" : "moveTo"](x + r * p[0], y + r * p[1]);
        pen = p !== null;
      }
      if (mark.shape === "cross" || mark.shape === "dash") ctx.stroke();
      else {
        ctx.closePath();
        if (mark.hollow) ctx.stroke(); else ctx.fill();
      }
      if (mark.texts[i]) {
        const inside = mark.hollow ? ctx.strokeStyle : look.palette.paper;
        write(ctx, mark.texts[i], x, y, r * 1.1, inside, "center", "bold");
        ctx.fillStyle = look.palette[mark.colour];
      }
    });
  },
  segments(ctx, mark, v, { X, Y }) {
    v.each((i) => strokeLine(ctx, [[X(v.x0[i]), Y(v.y0[i])], [X(v.x1[i]), Y(v.y1[i])]]));
  },
  arrows(ctx, mark, v, { X, Y }, look) {
    v.each((i) => {
      const signed = v.weight ? v.weight[i] : 0.3, weight = Math.min(1, Math.abs(signed));
      if (!(weight > 0.002)) return;
      let x0 = X(v.x0[i]), y0 = Y(v.y0[i]), x1 = X(v.x1[i]), y1 = Y(v.y1[i]);
      if (signed < 0) [x0, y0, x1, y1] = [x1, y1, x0, y0];
      const long = Math.hypot(x1 - x0, y1 - y0), [dx, dy] = [(x1 - x0) / long, (y1 - y0) / long];
      const half = (0.05 + 0.3 * weight) * look.em, head = Math.min(0.5 * long, half + 0.6 * look.em), wing = half + 0.25 * look.em;
      ctx.beginPath();
      for (const [along, side] of [[0, half], [long - head, half], [long - head, wing], [long, 0],
        [long - head, -wing], [long - head, -half], [0, -half]]) {
        ctx.lineTo(x0 + along * dx - side * dy, y0 + along * dy + side * dx);
      }
      ctx.closePath();
      ctx.fill();
    });
  },
  sectors(ctx, mark, v, { X, Y }) {
    const r = X(mark.size) - X(0), turn = (share) => 2 * Math.PI * (share - 0.25);
    v.each((i) => {
      const x = X(v.x[i]), y = Y(v.y[i]);
      ctx.beginPath();
      ctx.moveTo(x, y);
      ctx.arc(x, y, r, turn(v.start[i]), turn(v.end[i]));
      ctx.closePath();
      if (mark.hollow) ctx.stroke(); else ctx.fill();
    });
  },
  labels(ctx, mark, v, { X, Y }, look) {
    v.each((i) => {
      const text = (mark.texts[i] ?? "") + (v.value ? written(v.value[i], mark.form) : "");
      write(ctx, text, X(v.x[i]), Y(v.y[i]), mark.size * look.em, look.palette[mark.colour],
        mark.flush ? "left" : "center");
    });
  },
};

function paintMark(ctx, bank, mark, moment, place, look, selected) {
  if (mark.owner && (mark.kind === "line" || mark.kind === "area") && !mark.owner.includes(selected)) return;
  const v = {}, names = Object.keys(mark.channels);
  for (const name of names) v[name] = values(bank, mark.channels[name], moment);
  v.length = Math.max(...names.map((name) => v[name].length));
  for (const name of names) if (v[name].length < v.length) v[name] = new Float32Array(v.length).fill(v[name][0]);
  v.each = (draw) => {
    for (let i = 0; i < v.length; i++) {
      if (mark.owner && mark.owner[i] !== selected) continue;
      if (names.some((name) => Number.isNaN(v[name][i])) || (mark.least && Math.abs(v.y[i]) < mark.least)) continue;
      ctx.globalAlpha = v.alpha ? Math.max(0, Math.min(1, v.alpha[i])) : 1;
      ctx.strokeStyle = ctx.fillStyle = look.palette[mark.colour];
      ctx.lineWidth = 1.5 * mark.width * look.line;
      draw(i);
    }
  };
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = look.palette[mark.colour];
  ctx.lineWidth = 1.5 * mark.width * look.line;
  ctx.lineJoin = "round";
  ctx.setLineDash(mark.dash ? [6 * look.line, 4 * look.line] : []);
  ctx.beginPath();
  ctx.rect(place.left - 1, place.top - 1, place.width + 2, place.height + 2);
  ctx.clip();
  MARKS[mark.kind](ctx, mark, v, place, look);
  ctx.restore();
}
