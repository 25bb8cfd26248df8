// A small menu beside whatever opened it: arrow keys, Escape, a click elsewhere closes.

import { h } from "./dom.js";

let open = null;

export function closeMenu() {
  if (!open) return;
  const { node, opener } = open;
  open = null;
  node.remove();
  opener.setAttribute("aria-expanded", "false");
}

export function openMenu(opener, items, label) {
  if (open?.opener === opener) return closeMenu();
  closeMenu();
  const node = h("div", { class: "menu", role: "menu", "aria-label": label }, items.map((item) =>
    item === "-" ? h("hr") : h("button", {
      type: "button", role: "menuitem", class: `menu-item ${item.danger ? "danger" : ""}`, disabled: Boolean(item.disabled),
      onclick: () => { closeMenu(); opener.focus(); item.do(); },
    }, item.before, h("span", { class: "menu-words" }, item.text, item.detail && h("small", {}, item.detail)), item.after)));
  document.body.append(node);
  place(node, opener.getBoundingClientRect());
  opener.setAttribute("aria-expanded", "true");
  open = { node, opener };
  node.querySelector("button:not(:disabled)")?.focus();
  node.addEventListener("keydown", (event) => keys(event, node, opener));
}

export function place(node, box) {
  const { offsetWidth: width, offsetHeight: height } = node;
  const left = Math.max(8, Math.min(box.right - width, innerWidth - width - 8));
  const below = box.bottom + 6;
  const top = below + height > innerHeight - 8 ? Math.max(8, box.top - height - 6) : below;
  Object.assign(node.style, { left: `${Math.max(8, Math.min(box.left, left > box.left ? box.left : left))}px`, top: `${top}px` });
}

function keys(event, node, opener) {
  const items = [...node.querySelectorAll("button:not(:disabled)")];
  const at = items.indexOf(document.activeElement);
  if (event.key === "ArrowDown") items[(at + 1) % items.length]?.focus();
  else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length]?.focus();
  else if (event.key === "Escape") { closeMenu(); opener.focus(); }
  else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("pointerdown", (event) => {
  if (open && !open.node.contains(event.target) && !open.opener.contains(event.target)) closeMenu();
});
