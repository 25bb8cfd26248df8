// The stack of modals: the topmost is shown; what was typed survives an update.

import { drawBlocks } from "./blocks.js";
import { dialog } from "./confirm.js";
import { h, iconButton } from "./dom.js";
import { gather } from "./elements.js";
import { plainOf, textObject } from "./mrkdwn.js";
import { act, world } from "./store.js";

let shown = null;
const typed = new Map();

export function showModals(views) {
  const top = views[views.length - 1];
  if (shown && top && shown.id === top.id && shown.hash === top.hash) return;
  if (shown) {
    typed.set(shown.id, gather(shown.node));
    shown.close();
    shown = null;
  }
  const open = new Set(views.map((view) => view.id));
  for (const id of typed.keys()) if (!open.has(id)) typed.delete(id);
  if (top) draw(top, views.length);
}

function draw(view, depth) {
  const surface = {
    press: (press) => act("press", { view: view.id, inputs: gather(shown.node), ...press }),
    failed: (error) => trouble(error),
    instant: (block) => block.type !== "input" || block.dispatch_action,
  };
  const submit = h("button", { type: "submit", class: "button primary" }, h("span", { class: "spinner", "aria-hidden": "true" }), h("span", { class: "button-words" }, textObject(view.submit)));
  const close = (everything) => act("close", { view: view.id, everything });
  const banner = h("p", { class: "banner", role: "alert", hidden: true });
  const title = plainOf(view.title);
  const built = dialog(title, () => h("form", { novalidate: true, class: "modal-form", onsubmit: (event) => { event.preventDefault(); send(view, submit); } },
    h("header", { class: "dialog-head" },
      h("span", { class: "modal-app", "aria-hidden": "true" }, world.app.name.slice(0, 1).toUpperCase()),
      h("div", {}, h("h2", {}, textObject(view.title)), h("small", {}, depth > 1 ? `${world.app.name} · step ${depth}` : world.app.name)),
      iconButton("close", "Close", () => close(depth > 1))),
    banner,
    h("div", { class: "dialog-body blocks", tabindex: "-1" }, drawBlocks(view.blocks, surface)),
    h("footer", { class: "dialog-foot" },
      h("button", { type: "button", class: "button", onclick: () => close(false) }, view.close ? textObject(view.close) : view.submit ? "Cancel" : "Close"),
      view.submit && submit)),
  { onclose: () => close(false), wide: true });
  built.node.dataset.testid = "modal";
  shown = { ...built, id: view.id, hash: view.hash, banner };
  restore(typed.get(view.id));
  (built.node.querySelector("[autofocus], .field, .choices input") || built.node.querySelector(".dialog-body")).focus();
}

function restore(inputs) {
  for (const node of shown.node.querySelectorAll("[data-action]")) {
    const value = inputs?.[node.dataset.block]?.[node.dataset.action];
    if (value === undefined) continue;
    if (node.matches(".choices")) node.querySelectorAll("input").forEach((box) => { box.checked = [value].flat().includes(box.value); });
    else if (node.matches("select[multiple]")) [...node.options].forEach((option) => { option.selected = value.includes(option.value); });
    else if (node.matches("input, textarea, select")) node.value = value;
  }
}

function trouble(error) {
  shown.banner.textContent = error;
  shown.banner.hidden = !error;
}

async function send(view, button) {
  if (button.getAttribute("aria-busy") === "true") return;
  trouble("");
  button.setAttribute("aria-busy", "true");
  const told = await act("submit", { view: view.id, inputs: gather(shown.node) });
  button.removeAttribute("aria-busy");
  if (!shown || shown.id !== view.id) return;
  for (const block of shown.node.querySelectorAll("[data-input-block]")) {
    const error = block.querySelector(".input-error");
    const words = told.errors?.[block.dataset.inputBlock] || "";
    error.textContent = words;
    error.hidden = !words;
    block.classList.toggle("wrong", Boolean(words));
    const field = block.querySelector("[data-action]");
    if (words) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
  }
  shown.node.querySelector(".wrong .field, .wrong input")?.focus();
  if (told.error) trouble(told.error);
}
