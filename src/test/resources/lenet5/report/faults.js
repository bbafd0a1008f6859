// What is wrong with the page as it is laid out, as a list of sentences. Runs as an asynchronous script of WebDriver, which
// passes the function to call at the end.
const done = arguments[arguments.length - 1];
const faults = [];
const root = document.documentElement;

const name = (node) => {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const text = (element.alt || element.textContent).trim().replace(/\s+/g, " ").slice(0, 40);
    return `${element.localName} "${text}"`;
};

const loaded = async () => {
    for (const image of document.images) {
        await image.decode().catch(() => {});
        if (image.naturalWidth === 0) {
            faults.push(`${name(image)} does not load`);
        }
    }
};

const overflow = () => {
    if (root.scrollWidth > window.innerWidth || root.scrollWidth > root.clientWidth) {
        faults.push(`the page is ${root.scrollWidth} pixels wide on ${root.clientWidth}`);
    }
    for (const element of document.body.querySelectorAll("*")) {
        if (element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1) {
            faults.push(`${name(element)} overflows by ${element.scrollWidth - element.clientWidth} pixels`);
        }
    }
};

// Every line of text and every image; nothing of that may lie on another.
const boxes = () => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const range = document.createRange();
        range.selectNode(node);
        const isText = node.nodeType === Node.TEXT_NODE && node.data.trim() !== "";
        if (isText || node.localName === "img") {
            for (const box of (isText ? range : node).getClientRects()) {
                found.push({ node, box });
            }
        }
    }
    return found;
};

const overlap = () => {
    const all = boxes().sort((a, b) => a.box.top - b.box.top);
    for (let i = 0; i < all.length; i++) {
        const a = all[i].box;
        if (a.left < 0 || a.right > window.innerWidth + 1) {
            faults.push(`${name(all[i].node)} leaves the screen`);
        }
        // Lines of text may share the little room between letters and their line's edge.
        for (let j = i + 1; j < all.length && all[j].box.top < a.bottom - 3; j++) {
            const b = all[j].box;
            if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1) {
                faults.push(`${name(all[i].node)} lies on ${name(all[j].node)}`);
            }
        }
    }
};

// The contrast of WCAG 2: (L1 + 0.05) / (L2 + 0.05) of relative luminances; 4.5 is what it asks of small text.
const MIN_CONTRAST = 4.5;

const contrast = () => {
    const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const paint = (colours) => {
        pixel.clearRect(0, 0, 1, 1);
        for (const colour of colours) {
            pixel.fillStyle = colour;
            pixel.fillRect(0, 0, 1, 1);
        }
        const [r, g, b] = [...pixel.getImageData(0, 0, 1, 1).data]
            .map((byte) => byte / 255)
            .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const seen = new Set(boxes().map(({ node }) => node).filter((node) => node.nodeType === Node.TEXT_NODE));
    for (const text of seen) {
        const backgrounds = [];
        for (let element = text.parentElement; element; element = element.parentElement) {
            backgrounds.unshift(getComputedStyle(element).backgroundColor);
        }
        backgrounds.unshift("white");
        const behind = paint(backgrounds);
        const ink = paint([...backgrounds, getComputedStyle(text.parentElement).color]);
        const ratio = (Math.max(ink, behind) + 0.05) / (Math.min(ink, behind) + 0.05);
        if (ratio < MIN_CONTRAST) {
            faults.push(`${name(text)} has a contrast of ${ratio.toFixed(2)}`);
        }
    }
};

for (const details of document.querySelectorAll("details")) {
    details.open = true;
}
loaded().then(() => {
    overflow();
    overlap();
    contrast();
    done(faults);
});
