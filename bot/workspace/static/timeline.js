// A list of messages: days, grouping, the line above what is new, and staying at the bottom.

import { h } from "./dom.js";
import { drawMessage, isQuiet } from "./message.js";
import { dayKey, dayName } from "./time.js";

const TOGETHER_S = 300;
const MOST = 600;

export class Timeline {
  constructor(label, options = {}) {
    this.options = options;
    this.messages = new Map();
    this.list = h("div", { class: "timeline", role: "log", "aria-label": label, tabindex: "0" });
    this.unreadFrom = "";
    this.nodes = new Map();
  }

  load(messages, intro) {
    this.messages = new Map(messages.map((message) => [message.ts, message]));
    this.intro = intro;
    this.draw();
    this.toBottom();
    document.fonts.ready.then(() => this.nearBottom() && this.toBottom());
  }

  // Several at once, so that a storm costs one look at the layout.
  upsert(messages) {
    const atBottom = this.nearBottom();
    let redraw = false;
    for (const message of messages) {
      const node = this.nodes.get(message.ts);
      this.messages.set(message.ts, message);
      if (node?.isConnected) node.replaceWith(this.one(message, node.classList.contains("compact")));
      else if (!this.append(message)) redraw = true;
    }
    if (redraw) this.draw();
    if (atBottom) this.toBottom();
  }

  remove(ts) {
    if (this.messages.delete(ts)) this.draw();
  }

  sorted() {
    return [...this.messages.values()].sort((one, other) => (one.ts < other.ts ? -1 : 1));
  }

  // The usual case of a new message at the end draws only that one; a long-open page forgets the oldest.
  append(message) {
    const last = this.last;
    if (!last || message.ts <= last.ts || this.messages.size > MOST) {
      if (this.messages.size > MOST) for (const old of this.sorted().slice(0, MOST / 2)) this.messages.delete(old.ts);
      return false;
    }
    this.list.append(...this.placed(last, message));
    this.last = message;
    return true;
  }

  placed(before, message) {
    const nodes = [];
    const newDay = !before || dayKey(before.ts) !== dayKey(message.ts);
    if (newDay && !this.options.inThread) nodes.push(h("div", { class: "day", role: "separator" }, h("span", {}, dayName(message.ts))));
    const fresh = this.unreadFrom && message.ts > this.unreadFrom && (!before || before.ts <= this.unreadFrom);
    if (fresh) nodes.push(h("div", { class: "new-line", role: "separator" }, h("span", {}, "New")));
    return [...nodes, this.one(message, !newDay && !fresh && together(before, message))];
  }

  draw() {
    this.nodes.clear();
    const nodes = this.intro ? [this.intro] : [];
    let before = null;
    for (const message of this.sorted()) {
      nodes.push(...this.placed(before, message));
      before = message;
    }
    this.last = before;
    const top = this.list.scrollTop;
    this.list.replaceChildren(...nodes);
    this.list.scrollTop = top;
  }

  one(message, compact) {
    const node = drawMessage(message, { compact, inThread: this.options.inThread });
    this.nodes.set(message.ts, node);
    return node;
  }

  nearBottom() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 120;
  }

  toBottom() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  mark(ts) {
    const node = this.nodes.get(ts);
    if (!node) return false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("marked");
    setTimeout(() => node.classList.remove("marked"), 4000);
    return true;
  }
}

function together(before, message) {
  if (!before || isQuiet(before) || isQuiet(message)) return false;
  const same = before.user === message.user && (before.private_to || "") === (message.private_to || "") && before.username === message.username;
  return same && !message.pinned_to && !message.private_to && !before.reply_count && Number(message.ts) - Number(before.ts) < TOGETHER_S && !message.blocks?.some((block) => block.type === "header");
}
