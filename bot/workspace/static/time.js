// Moments in words, in the reader's own zone.

const dayMs = 86_400_000;
export const dateOf = (ts) => new Date(Number(ts) * 1000);
const format = (date, options) => new Intl.DateTimeFormat("en-GB", options).format(date);
export const clock = (ts) => format(dateOf(ts), { hour: "2-digit", minute: "2-digit" });
export const dayKey = (ts) => dateOf(ts).toDateString();

function pretty(date, otherwise) {
  const today = new Date().toDateString();
  if (date.toDateString() === today) return "today";
  if (date.toDateString() === new Date(Date.now() - dayMs).toDateString()) return "yesterday";
  if (date.toDateString() === new Date(Date.now() + dayMs).toDateString()) return "tomorrow";
  return otherwise;
}

const long = (date) => format(date, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const middle = (date) => format(date, { day: "numeric", month: "long", year: "numeric" });
const short = (date) => format(date, { day: "numeric", month: "short", year: "numeric" });

export function dayName(ts) {
  const name = pretty(dateOf(ts), format(dateOf(ts), { weekday: "long", day: "numeric", month: "long" }));
  return name[0].toUpperCase() + name.slice(1);
}

export const fullMoment = (ts) => `${long(dateOf(ts))} at ${format(dateOf(ts), { hour: "2-digit", minute: "2-digit", second: "2-digit" })}`;

function ago(date) {
  const seconds = Math.round((Date.now() - date) / 1000);
  const amount = Math.abs(seconds);
  const [count, unit] = amount < 60 ? [amount, "second"] : amount < 3600 ? [Math.round(amount / 60), "minute"] : amount < 86400 ? [Math.round(amount / 3600), "hour"] : [Math.round(amount / 86400), "day"];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(seconds >= 0 ? -count : count, unit);
}

export const agoOf = (ts) => ago(dateOf(ts));

// Slack's <!date^…^template|fallback>.
export function dateToken(stamp, template, fallback) {
  const date = new Date(Number(stamp) * 1000);
  if (!/^\d{1,11}$/.test(stamp) || Number.isNaN(date.getTime())) return fallback;
  const words = {
    date_num: date.toISOString().slice(0, 10),
    date: middle(date), date_short: short(date), date_long: long(date),
    date_pretty: pretty(date, middle(date)), date_short_pretty: pretty(date, short(date)), date_long_pretty: pretty(date, long(date)),
    time: format(date, { hour: "2-digit", minute: "2-digit" }),
    time_secs: format(date, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    ago: ago(date), day_divider_pretty: pretty(date, long(date)),
  };
  return template.replace(/\{(\w+)\}/g, (whole, name) => words[name] ?? whole);
}
