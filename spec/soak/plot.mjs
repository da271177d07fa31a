/** Memory and handles of both processes over time, as an SVG picture. */
export function plot(samples) {
  const panels = [
    { title: 'RSS, MB', of: ({ rss }) => rss / 1e6 },
    { title: 'handles', of: ({ handles }) => handles },
  ];
  const longest = Math.max(
    1,
    ...Object.values(samples)
      .flat()
      .map(({ at }) => at),
  );
  const body = panels.map(({ title, of }, row) => {
    const top = 30 + row * (HEIGHT + 50);
    const most = Math.max(1, ...Object.values(samples).flat().map(of)) * 1.1;
    const x = (at) => (LEFT + (at / longest) * WIDTH).toFixed(1);
    const y = (value) => (top + HEIGHT - (value / most) * HEIGHT).toFixed(1);
    const lines = Object.entries(samples).map(([name, points], index) => {
      const path = points.map((point) => `${x(point.at)},${y(of(point))}`).join(' ');
      const label = `<text x="${LEFT + 90 + index * 80}" y="${top - 8}" fill="${COLORS[index]}">${name}</text>`;
      return `<polyline fill="none" stroke="${COLORS[index]}" stroke-width="1.5" points="${path}"/>${label}`;
    });
    return `<text x="${LEFT}" y="${top - 8}">${title}</text>
<rect x="${LEFT}" y="${top}" width="${WIDTH}" height="${HEIGHT}" fill="none" stroke="#bbb"/>
<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${most.toFixed(0)}</text>
<text x="${LEFT - 6}" y="${top + HEIGHT}" text-anchor="end">0</text>
${lines.join('\n')}`;
  });
  const height = 30 + panels.length * (HEIGHT + 50);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 20}" height="${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
${body.join('\n')}
<text x="${LEFT + WIDTH}" y="${height - 28}" text-anchor="end">${longest.toFixed(0)} s</text>
</svg>
`;
}

const LEFT = 50;
const WIDTH = 640;
const HEIGHT = 160;
const COLORS = ['#1f77b4', '#d62728'];
