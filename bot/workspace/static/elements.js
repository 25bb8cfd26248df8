// Interactive elements. Each input knows its own value; `gather` reads a whole surface for the server.

import { ask } from "./confirm.js";
import { h, icon, notice } from "./dom.js";
import { openMenu } from "./menu.js";
import { plainOf, textObject } from "./mrkdwn.js";
import { world } from "./store.js";

const values = new WeakMap();
let count = 0;

function holding(node, block, element, read) {
  node.dataset.block = block.block_id || "";
  node.dataset.action = element.action_id || "";
  values.set(node, read);
  return node;
}

export function gather(root) {
  const inputs = {};
  for (const node of root.querySelectorAll("[data-action]")) {
    if (values.has(node)) (inputs[node.dataset.block] ||= {})[node.dataset.action] = values.get(node)();
  }
  return inputs;
}

async function confirmed(confirm) {
  if (!confirm) return true;
  return ask({
    title: plainOf(confirm.title), text: textObject(confirm.text), confirm: plainOf(confirm.confirm), deny: plainOf(confirm.deny),
    danger: confirm.style === "danger",
  });
}

// `surface.press(press)` sends; while it is under way the element is busy, and an error stands beside it.
async function send(surface, block, element, node, press = {}) {
  if (node.getAttribute("aria-busy") === "true" || !(await confirmed(element.confirm))) return false;
  node.setAttribute("aria-busy", "true");
  const told = await surface.press({ action_id: element.action_id, block_id: block.block_id || "", ...press });
  node.removeAttribute("aria-busy");
  if (!told.ok) surface.failed(told.error, node);
  return told.ok;
}

function button(block, element, surface) {
  const style = element.style || "";
  const node = h("button", {
    type: "button", class: `button ${style}`, "aria-label": element.accessibility_label, dataset: { action: element.action_id || "", block: block.block_id || "" },
    onclick: async () => {
      const sent = send(surface, block, element, node);
      if (element.url && /^https?:/i.test(element.url)) window.open(element.url, "_blank", "noopener,noreferrer");
      await sent;
    },
  }, h("span", { class: "spinner", "aria-hidden": "true" }), h("span", { class: "button-words" }, textObject(element.text)), element.url && icon("link", 14));
  return node;
}

function overflow(block, element, surface) {
  const items = (element.options || []).map((option) => ({
    text: textObject(option.text), detail: option.description && plainOf(option.description),
    do: () => send(surface, block, element, node, { choice: option.value }),
  }));
  const node = h("button", { type: "button", class: "button square", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => openMenu(node, items, "More actions") },
    h("span", { class: "spinner", "aria-hidden": "true" }), icon("more"));
  return node;
}

function optionsOf(element) {
  const node = (option) => h("option", { value: option.value }, plainOf(option.text));
  const groups = (element.option_groups || []).map((group) => h("optgroup", { label: plainOf(group.label) }, group.options.map(node)));
  return [...(element.options || []).map(node), ...groups];
}

function select(block, element, surface, options, initial) {
  const many = element.type.startsWith("multi_");
  const label = plainOf(element.placeholder) || "Choose an option";
  const empty = many ? null : h("option", { value: "", selected: !initial }, label);
  const node = h("select", { class: "field select", "aria-label": label, multiple: many }, empty, options);
  if (initial) node.value = initial;
  const read = () => (many ? [...node.selectedOptions].map((option) => option.value) : node.value);
  holding(node, block, element, read);
  let last = node.value;
  node.addEventListener("change", async () => {
    if (!surface.instant(block)) return;
    const choice = read();
    const sent = await send(surface, block, element, node, Array.isArray(choice) ? { choices: choice } : { choice });
    if (sent) last = node.value;
    else node.value = last;
  });
  return node;
}

const people = () => [...world.people.map((one) => h("option", { value: one.id }, one.real_name))];
const channels = () => world.channels.filter((one) => one.name).map((one) => h("option", { value: one.id }, `#${one.name}`));

function choices(block, element, surface, kind) {
  const initial = kind === "radio" ? [element.initial_option?.value] : (element.initial_options || []).map((option) => option.value);
  const name = `choice-${(count += 1)}`;
  const boxes = (element.options || []).map((option) => h("label", { class: "choice" },
    h("input", { type: kind, name, value: option.value, checked: initial.includes(option.value) }),
    h("span", {}, h("span", {}, textObject(option.text)), option.description && h("small", {}, textObject(option.description)))));
  const node = h("div", { class: "choices", role: kind === "radio" ? "radiogroup" : "group" }, boxes);
  const picked = () => [...node.querySelectorAll("input:checked")].map((box) => box.value);
  holding(node, block, element, () => (kind === "radio" ? picked()[0] || "" : picked()));
  node.addEventListener("change", () => {
    if (surface.instant(block)) send(surface, block, element, node, kind === "radio" ? { choice: picked()[0] || "" } : { choices: picked() });
  });
  return node;
}

const TYPES = { plain_text_input: "text", email_text_input: "email", url_text_input: "url", number_input: "number", datepicker: "date", timepicker: "time" };

function field(block, element, surface) {
  const initial = element.initial_value ?? element.initial_date ?? element.initial_time ?? "";
  const props = { class: "field", placeholder: plainOf(element.placeholder), maxlength: element.max_length, autocomplete: "off", "aria-label": surface.labelled ? undefined : plainOf(element.placeholder) || element.type };
  const node = element.multiline ? h("textarea", { ...props, rows: "5" }) : h("input", { ...props, type: TYPES[element.type] || "text" });
  node.value = initial;
  holding(node, block, element, () => node.value);
  if (element.type.endsWith("picker")) {
    node.addEventListener("change", () => surface.instant(block) && send(surface, block, element, node, { choice: node.value }));
  } else if (block.dispatch_action) {
    node.addEventListener("keydown", (event) => event.key === "Enter" && !element.multiline && (event.preventDefault(), send(surface, block, element, node, { choice: node.value })));
  }
  if (element.focus_on_load) node.autofocus = true;
  return node;
}

function image(block, element) {
  return h("img", { class: "accessory-image", src: imageSource(element), alt: element.alt_text || "", loading: "lazy", referrerpolicy: "no-referrer" });
}

export const imageSource = (element) => (/^(https:|data:image\/(png|jpeg|gif|webp);)/i.test(element.image_url || "") ? element.image_url : "");

const DRAWN = {
  button,
  overflow,
  image,
  static_select: (block, element, surface) => select(block, element, surface, optionsOf(element), element.initial_option?.value),
  multi_static_select: (block, element, surface) => select(block, element, surface, optionsOf(element)),
  users_select: (block, element, surface) => select(block, element, surface, people(), element.initial_user),
  multi_users_select: (block, element, surface) => select(block, element, surface, people()),
  conversations_select: (block, element, surface) => select(block, element, surface, channels(), element.initial_conversation),
  channels_select: (block, element, surface) => select(block, element, surface, channels(), element.initial_channel),
  radio_buttons: (block, element, surface) => choices(block, element, surface, "radio"),
  checkboxes: (block, element, surface) => choices(block, element, surface, "checkbox"),
};

export function drawElement(block, element, surface) {
  const draw = DRAWN[element.type] || (TYPES[element.type] && field);
  return draw ? draw(block, element, surface) : h("span", { class: "unknown" }, `(${element.type} is not drawn here)`);
}

export const fallbackSurface = { press: async () => ({ ok: false, error: "" }), failed: (error) => notice(error), instant: () => true };
