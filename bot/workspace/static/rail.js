// The left side: the workspace, its channels, and the app.

import { askForText } from "./confirm.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { actOrSay, directChannel, loadWorld, place, world } from "./store.js";

export function drawRail() {
  const rail = document.getElementById("rail");
  const named = world.channels.filter((channel) => channel.kind !== "im").sort((one, other) => one.name.localeCompare(other.name));
  const mine = named.filter((channel) => channel.member && !channel.archived);
  const others = named.filter((channel) => !channel.member && !channel.archived);
  const direct = directChannel();
  const top = rail.querySelector(".rail-scroll")?.scrollTop || 0;
  fill(rail,
    h("div", { class: "rail-head" }, h("span", { class: "team-mark", "aria-hidden": "true" }, world.team.slice(0, 1)), h("strong", {}, world.team),
      h("span", { class: "local-tag", title: "A Slack-compatible workspace on this machine" }, "local")),
    h("div", { class: "rail-scroll" },
      group("Channels", mine.map(channelLink), iconButton("plus", "Create a channel", createChannel)),
      others.length > 0 && group("More channels", others.map(otherChannel)),
      group("Apps",
        [link(`#/home`, place.view === "home", h("span", { class: "rail-icon" }, icon("home", 16)), `${world.app.name} · Home`),
          link(`#/${direct.id}`, place.channel === direct.id && place.view === "channel", h("span", { class: `rail-icon presence ${world.app.connected ? "on" : ""}`, title: world.app.connected ? "connected" : "not connected" }, icon("chat", 16)), `${world.app.name} · Messages`, badge(direct))])));
  rail.querySelector(".rail-scroll").scrollTop = top;
}

const group = (name, items, tool) => h("section", { class: "rail-group", "aria-label": name }, h("div", { class: "rail-title" }, h("h2", {}, name), tool), h("ul", {}, items.map((item) => h("li", {}, item))));

function link(href, current, ...inside) {
  return h("a", { href, class: current ? "rail-link current" : "rail-link", "aria-current": current ? "page" : undefined }, inside);
}

function badge(channel) {
  if (!channel.unread) return null;
  const words = channel.unread > 99 ? "99+" : String(channel.unread);
  return h("span", { class: channel.mentions || channel.kind === "im" ? "badge loud" : "badge", "aria-label": `${channel.unread} unread` }, words);
}

function channelLink(channel) {
  const current = place.channel === channel.id && place.view === "channel";
  const node = link(`#/${channel.id}`, current, h("span", { class: "rail-icon" }, icon(channel.kind === "group" ? "lock" : "hash", 16)), h("span", { class: "rail-name" }, channel.name), badge(channel));
  if (channel.unread) node.classList.add("unread");
  return node;
}

function otherChannel(channel) {
  return h("div", { class: "rail-other" }, link(`#/${channel.id}`, place.channel === channel.id, h("span", { class: "rail-icon" }, icon("hash", 16)), h("span", { class: "rail-name" }, channel.name)),
    h("button", { type: "button", class: "rail-join", "aria-label": `Join #${channel.name}`, onclick: () => actOrSay("join", { channel: channel.id }) }, "Join"));
}

async function createChannel() {
  const name = await askForText({ title: "Create a channel", label: "Name", hint: "Lower-case letters, digits, - and _.", confirm: "Create" });
  if (!name) return;
  const done = await actOrSay("create_channel", { name: name.replace(/^#/, "").toLowerCase().replaceAll(" ", "-") });
  if (!done.ok) return;
  await loadWorld();
  location.hash = `#/${done.channel}`;
}
