// Block Kit as it looks: every block of a message, a modal or App Home.

import { h } from "./dom.js";
import { drawElement, imageSource } from "./elements.js";
import { markdown, table } from "./markdown.js";
import { mrkdwn, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const LONG = 900;

function section(block, surface) {
  const words = h("div", { class: "section-words" },
    block.text && folded(block, h("div", { class: "prose" }, textObject(block.text)), block.text.text),
    block.fields && h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "prose field-text" }, textObject(field)))));
  return h("div", { class: "block section" }, words, block.accessory && h("div", { class: "accessory" }, drawElement(block, block.accessory, surface)));
}

// Long text folds, as Slack folds it; `expand: true` leaves it open.
function folded(block, node, text) {
  if (block.expand || text.length < LONG) return node;
  node.classList.add("folded");
  const more = h("button", { type: "button", class: "link-button", onclick: () => { node.classList.remove("folded"); more.remove(); } }, "See more");
  return [node, more];
}

function context(block) {
  return h("div", { class: "block context" }, (block.elements || []).map((element) =>
    element.type === "image"
      ? h("img", { class: "context-image", src: imageSource(element), alt: element.alt_text || "", referrerpolicy: "no-referrer" })
      : h("span", { class: "context-text" }, textObject(element))));
}

function input(block, surface) {
  const id = `input-${block.block_id}`;
  const node = drawElement(block, block.element || {}, { ...surface, labelled: true });
  const error = h("p", { class: "input-error", id: `${id}-error`, role: "alert", hidden: true });
  if (node.matches("input, textarea, select")) node.id = id;
  else node.setAttribute("aria-labelledby", `${id}-label`);
  node.setAttribute("aria-describedby", `${id}-error`);
  return h("div", { class: "block input-block", dataset: { inputBlock: block.block_id } },
    h("label", { class: "label", for: id, id: `${id}-label` }, textObject(block.label), block.optional && h("span", { class: "optional" }, " (optional)")),
    node, block.hint && h("p", { class: "hint" }, textObject(block.hint)), error);
}

function image(block) {
  return h("figure", { class: "block image-block" }, block.title && h("figcaption", {}, textObject(block.title)),
    h("img", { src: imageSource(block), alt: block.alt_text || "", loading: "lazy", referrerpolicy: "no-referrer" }));
}

const cell = (part) => (part.type === "rich_text" ? richText(part) : String(part.text ?? part.value ?? ""));

function tableBlock(block) {
  const [head, ...rows] = block.rows.map((row) => row.map(cell));
  const node = table(head, rows);
  (block.column_settings || []).forEach((setting, number) => {
    if (setting?.align) node.querySelectorAll(`tr > :nth-child(${number + 1})`).forEach((one) => { one.style.textAlign = setting.align; });
  });
  return h("div", { class: "block" }, node);
}

function alertBlock(block) {
  return h("div", { class: `block alert ${["info", "warning", "error", "success"].includes(block.level) ? block.level : ""}`, role: "note" }, textObject(block.text));
}

const DRAWN = {
  section,
  context,
  input,
  image,
  header: (block) => h("h3", { class: "block header" }, textObject(block.text)),
  divider: () => h("hr", { class: "block divider" }),
  actions: (block, surface) => h("div", { class: "block actions" }, (block.elements || []).map((element) => drawElement(block, element, surface))),
  rich_text: (block) => h("div", { class: "block prose" }, richText(block)),
  markdown: (block) => h("div", { class: "block prose markdown" }, markdown(block.text)),
  table: tableBlock,
  data_table: tableBlock,
  alert: alertBlock,
};

export function drawBlocks(blocks, surface) {
  return (blocks || []).map((block) => {
    try {
      const draw = DRAWN[block.type];
      return draw ? draw(block, surface) : h("div", { class: "block unknown" }, `(${block.type} block)`, textObject(block.text));
    } catch (broken) {
      return h("div", { class: "block unknown" }, `(this ${block.type} block could not be drawn: ${broken.message})`);
    }
  });
}

const NAMED = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" };

export function drawAttachment(attachment, surface) {
  const colour = NAMED[attachment.color] || (/^#?[0-9a-f]{6}$/i.test(attachment.color || "") ? `#${attachment.color.replace("#", "")}` : "");
  const legacy = [
    attachment.pretext && h("div", { class: "prose" }, mrkdwn(attachment.pretext)),
    attachment.author_name && h("div", { class: "attachment-author" }, attachment.author_name),
    attachment.title && h("div", { class: "attachment-title" }, textObject({ type: "plain_text", text: attachment.title })),
    attachment.text && h("div", { class: "prose" }, mrkdwn(attachment.text)),
    attachment.fields && h("div", { class: "fields" }, attachment.fields.map((field) => h("div", { class: "prose field-text" }, h("strong", {}, field.title), h("br"), mrkdwn(field.value)))),
    attachment.footer && h("div", { class: "context-text" }, mrkdwn(attachment.footer)),
  ];
  const inside = attachment.blocks ? drawBlocks(attachment.blocks, surface) : legacy;
  return h("div", { class: "attachment" }, h("span", { class: "colour-bar", style: colour ? { background: colour } : {} }), h("div", { class: "attachment-body" }, inside));
}
