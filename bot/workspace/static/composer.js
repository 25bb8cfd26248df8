// Where one writes: several lines, slash commands and people completed while typing.

import { h, icon } from "./dom.js";
import { act, actOrSay, world } from "./store.js";

const MOST = 9;

export class Composer {
  constructor({ label, channel, threadTs = "", foot }) {
    this.channel = channel;
    this.threadTs = threadTs;
    const id = `completion-${threadTs || "main"}`;
    this.field = h("textarea", { class: "composer-field", rows: "1", placeholder: label, "aria-label": label, role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list" });
    this.popup = h("div", { class: "completion", role: "listbox", id, "aria-label": "Suggestions", hidden: true });
    this.send = h("button", { type: "button", class: "send", "aria-label": "Send", title: "Send", disabled: true, onclick: () => this.submit() }, h("span", { class: "spinner", "aria-hidden": "true" }), icon("send"));
    this.node = h("div", { class: "composer" }, this.popup, h("div", { class: "composer-box" }, this.field,
      h("div", { class: "composer-foot" }, foot || h("span", { class: "composer-hint" }, h("kbd", {}, "/"), " commands   ", h("kbd", {}, "Shift"), "+", h("kbd", {}, "Enter"), " new line"), this.send)));
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("blur", () => setTimeout(() => this.offer([]), 150));
    this.offered = [];
    this.at = 0;
  }

  typed() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 240)}px`;
    this.send.disabled = !this.field.value.trim();
    this.offer(suggestions(this.field.value, this.field.selectionStart, this.threadTs));
  }

  offer(items) {
    this.offered = items.slice(0, MOST);
    this.at = 0;
    this.popup.hidden = !this.offered.length;
    this.field.setAttribute("aria-expanded", String(Boolean(this.offered.length)));
    this.draw();
  }

  draw() {
    this.popup.replaceChildren(...(this.offered.length ? [h("div", { class: "completion-head" }, this.offered[0].kind, h("span", {}, h("kbd", {}, "↑"), h("kbd", {}, "↓"), " choose  ", h("kbd", {}, "Tab"), " complete"))] : []),
      ...this.offered.map((item, number) => h("div", { class: "option", role: "option", id: `${this.popup.id}-${number}`, "aria-selected": String(number === this.at), onpointerdown: (event) => { event.preventDefault(); this.take(item); } },
        h("span", { class: "option-text" }, item.text), h("span", { class: "option-hint" }, item.hint))));
    if (this.offered.length) this.field.setAttribute("aria-activedescendant", `${this.popup.id}-${this.at}`);
    else this.field.removeAttribute("aria-activedescendant");
  }

  take(item) {
    const { value, selectionStart } = this.field;
    this.field.value = value.slice(0, item.from) + item.insert + " " + value.slice(selectionStart);
    const end = item.from + item.insert.length + 1;
    this.field.setSelectionRange(end, end);
    this.typed();
    this.field.focus();
  }

  key(event) {
    const open = this.offered.length > 0;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + this.offered.length) % this.offered.length;
      this.draw();
    } else if (open && event.key === "Tab") this.take(this.offered[this.at]);
    else if (open && event.key === "Escape") this.offer([]);
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      const item = this.offered[this.at];
      if (open && item.kind === "People" || (open && this.at > 0)) this.take(item);
      else this.submit();
    } else return;
    event.preventDefault();
  }

  async submit() {
    const text = this.field.value.trim();
    if (!text || this.send.getAttribute("aria-busy") === "true") return;
    this.field.value = "";
    this.typed();
    this.offer([]);
    const command = text.startsWith("/") && !this.threadTs;
    if (command) {
      this.send.setAttribute("aria-busy", "true");
      await act("slash", { channel: this.channel, line: text });
      this.send.removeAttribute("aria-busy");
    } else {
      const done = await actOrSay("say", { channel: this.channel, text, thread_ts: this.threadTs });
      if (!done.ok && !this.field.value && done.error !== "not supported in threads") {
        this.field.value = text;
        this.typed();
      }
    }
    this.field.focus();
  }
}

function suggestions(value, caret, threadTs) {
  const before = value.slice(0, caret);
  if (before.startsWith("/") && !before.includes("\n") && !threadTs) return commandsFor(before);
  const mention = /(^|\s)@([\w.-]*)$/.exec(before);
  return mention ? peopleFor(mention[2].toLowerCase(), caret - mention[2].length - 1) : [];
}

// Every completion that goes on from what is typed, one word further at a time where many share it.
function commandsFor(typed) {
  const words = typed.toLowerCase();
  const found = world.commands.flatMap((command) => [
    ...(command.completions.length ? [] : [{ text: command.command, hint: command.usage_hint || command.description }]), ...command.completions,
  ]).filter((one) => one.text.toLowerCase().startsWith(words) && one.text.length > typed.trimEnd().length);
  return found.map((one) => ({ kind: `Commands · ${world.app.name}`, text: one.text, hint: one.hint, insert: one.text, from: 0 }));
}

function peopleFor(words, from) {
  const known = [...world.people.map((one) => [one.name, one.real_name]), [world.app.name, "App"], ["channel", "everyone here"], ["here", "who is active"]];
  return known.filter(([name, real]) => name.startsWith(words) || real.toLowerCase().startsWith(words))
    .map(([name, real]) => ({ kind: "People", text: `@${name}`, hint: real, insert: `@${name}`, from }));
}
