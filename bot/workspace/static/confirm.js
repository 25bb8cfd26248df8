// Dialogs that ask one thing: Block Kit's confirm, and the page's own small questions.

import { fill, h, iconButton } from "./dom.js";

export function dialog(label, build, { onclose, wide = false } = {}) {
  const node = h("dialog", { class: wide ? "dialog wide" : "dialog", "aria-label": label });
  const close = () => { node.close(); node.remove(); };
  fill(node, build(close));
  node.addEventListener("cancel", (event) => { event.preventDefault(); onclose ? onclose() : close(); });
  document.getElementById("dialogs").append(node);
  node.showModal();
  return { node, close };
}

// Resolves true when confirmed. `question` has strings or nodes: title, text, confirm, deny, danger.
export function ask({ title, text, confirm, deny, danger }) {
  return new Promise((answer) => {
    const done = (close, value) => { close(); answer(value); };
    dialog(title, (close) => [
      h("header", { class: "dialog-head" }, h("h2", {}, title), iconButton("close", "Close", () => done(close, false))),
      h("div", { class: "dialog-body" }, h("div", { class: "prose" }, text)),
      h("footer", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", onclick: () => done(close, false) }, deny),
        h("button", { type: "button", class: `button ${danger ? "danger" : "primary"}`, autofocus: true, onclick: () => done(close, true) }, confirm)),
    ], { onclose: () => { document.querySelector("#dialogs dialog:last-child")?.remove(); answer(false); } });
  });
}

export function askForText({ title, label, hint, confirm, value = "" }) {
  return new Promise((answer) => {
    const field = h("input", { class: "field", id: "ask", value, autocomplete: "off", maxlength: "80" });
    dialog(title, (close) => h("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); close(); answer(field.value.trim()); } },
      h("header", { class: "dialog-head" }, h("h2", {}, title), iconButton("close", "Close", () => { close(); answer(""); })),
      h("div", { class: "dialog-body" }, h("label", { class: "label", for: "ask" }, label), field, h("p", { class: "hint" }, hint)),
      h("footer", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", onclick: () => { close(); answer(""); } }, "Cancel"),
        h("button", { type: "submit", class: "button primary" }, confirm))),
    { onclose: () => { document.querySelector("#dialogs dialog:last-child")?.remove(); answer(""); } });
    field.focus();
  });
}
