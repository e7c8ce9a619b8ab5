const styles = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;overflow-wrap:anywhere}
code{background:#8882;padding:.1rem .3rem;border-radius:3px}input,button{font:inherit;max-width:100%}
.upload{display:flex;flex-wrap:wrap;gap:.5rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:1rem}
.card{border:1px solid #8886;border-radius:6px;padding:.6rem;overflow-wrap:anywhere}
.card form{display:inline-block;margin:.3rem .3rem 0 0}.card small{display:block;opacity:.75}
.card img,.card video,.none{width:100%;height:9rem;object-fit:contain;background:#8882;display:grid;place-items:center}`;

/** Renders a page of the emulator. Scripts load only from this server. */
export function page(title: string, body: string): Response {
  const html = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>${escaped(title)}</title>
<style>${styles}</style><h1>${escaped(title)}</h1>
${body}
</html>`;
  return new Response(html, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy":
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src * blob: data:; media-src *; connect-src 'self'; form-action 'self'; frame-ancestors 'none'",
    },
  });
}

export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
