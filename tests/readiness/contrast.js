// Every text of the page that is harder to read than 4.5 to 1, with its ratio.
() => {
  const lightness = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const numbers = (text) => text.match(/[\d.]+/g).map(Number);
  const ground = (it) => {
    for (; it; it = it.parentElement) {
      const colour = numbers(getComputedStyle(it).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const ratio = (it) => {
    const ink = lightness(numbers(getComputedStyle(it).color).slice(0, 3));
    const paper = lightness(ground(it));
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  };
  return [...document.querySelectorAll("h1, h1 b, h2, h3, p, dt, dd, span, strong, code")]
    .filter((it) => it.textContent.trim() && getComputedStyle(it).visibility === "visible")
    .map((it) => [it.textContent.trim().slice(0, 40), ratio(it)])
    .filter(([, found]) => found < 4.5)
    .map(([text, found]) => `${text}: ${found.toFixed(2)}`);
};
