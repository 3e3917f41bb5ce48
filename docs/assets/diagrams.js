// Diagrams shrink to the width of the page, but never so far that their text can't be read: then they scroll. Material calls these two.
const { initialize, render } = mermaid
mermaid.initialize = said => initialize({ ...said, er: { nodeSpacing: 40, rankSpacing: 50 }, flowchart: { nodeSpacing: 30, rankSpacing: 40 } })
mermaid.render = async (...said) => {
  const drawn = await render(...said)
  return { ...drawn, svg: drawn.svg.replace(/max-width: ([\d.]+)px/, (whole, width) => `${whole}; min-width: ${0.6 * width}px`) }
}
